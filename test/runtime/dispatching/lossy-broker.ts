import type { Broker, ConsumeOptions, Consumer, Delivery, DeliveryHandler } from "../../../src/index.ts";

const keyOf = ({ runId, attempt }: Delivery) => `${runId}-${attempt}`;

/** A broker in memory that says what it holds, and that can be made to refuse and to forget. */
export class LossyBroker implements Broker {
  readonly name = "lossy";
  readonly features = new Set<never>();
  readonly held = new Map<string, Delivery>();
  /** Each call of `dispatch` that it took. */
  readonly calls: (readonly Delivery[])[] = [];
  readonly released: Delivery[] = [];
  /** How often it was asked what it holds. */
  questions = 0;
  /** Done before a call of `dispatch` ends that has been taken. */
  afterTaking: (() => Promise<void>) | undefined;
  /** While it is set, nothing is taken, and nothing can be asked. */
  refuses: Error | undefined;
  readonly #consumers = new Set<{ readonly handle: DeliveryHandler; room: number }>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  async dispatch(deliveries: readonly Delivery[]): Promise<void> {
    if (this.refuses) throw this.refuses;
    this.calls.push(deliveries);
    for (const delivery of deliveries) this.held.set(keyOf(delivery), delivery);
    this.#hand();
    await this.afterTaking?.();
  }

  async missing(deliveries: readonly Delivery[]): Promise<Delivery[]> {
    this.questions += 1;
    if (this.refuses) throw this.refuses;
    return deliveries.filter((delivery) => !this.held.has(keyOf(delivery)));
  }

  async release(deliveries: readonly Delivery[]): Promise<void> {
    this.released.push(...deliveries);
  }

  async consume(handle: DeliveryHandler, { concurrency }: ConsumeOptions): Promise<Consumer> {
    const consumer = { handle, room: concurrency };
    this.#consumers.add(consumer);
    this.#hand();
    return {
      stop: async () => {
        this.#consumers.delete(consumer);
        await Promise.all(this.#underWay);
      },
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#consumers.clear();
    await Promise.all(this.#underWay);
  }

  #hand(): void {
    for (const consumer of this.#consumers) {
      for (const [key, delivery] of this.held) {
        if (consumer.room === 0) break;
        this.held.delete(key);
        consumer.room -= 1;
        const handled = consumer
          .handle(delivery, this.#closing.signal)
          .catch(() => void this.held.set(key, delivery))
          .finally(() => {
            consumer.room += 1;
            this.#underWay.delete(handled);
            this.#hand();
          });
        this.#underWay.add(handled);
      }
    }
  }
}
