import type { Broker, Delivery } from "../core/broker.ts";
import type { Log } from "../core/task.ts";

/** More deliveries than that do not wait here without somebody waiting for them. */
const MOST_UNHEEDED = 1000;

interface Waiting {
  readonly deliveries: readonly Delivery[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Hands deliveries to the broker, those of one moment together: what comes while it is called goes with the next call. */
export class Dispatcher {
  readonly #broker: Broker;
  readonly #log: Log;
  #underWay: Promise<void> | undefined;
  #waiting: Waiting[] = [];
  /** Deliveries that the broker does not have yet. */
  #pending = 0;

  constructor(broker: Broker, log: Log) {
    this.#broker = broker;
    this.#log = log;
  }

  /** Resolves once the broker has them. @throws what the broker has against it; it was logged, and the sweep dispatches them later */
  dispatch(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return Promise.resolve();
    // In this process nothing is gained by gathering.
    if (this.#broker.inline) return this.#broker.dispatch(deliveries);
    this.#pending += deliveries.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ deliveries, resolve, reject });
      // Those of one answer of the store: its rows are told in one go.
      if (this.#waiting.length === 1) process.nextTick(() => this.#begin());
    });
  }

  /** The same, where it is enough that the sweep does what the broker cannot do now. */
  async offer(deliveries: readonly Delivery[]): Promise<void> {
    await this.dispatch(deliveries).catch(() => undefined);
  }

  /** The same, for whom it is enough that the run stands: resolves at once, unless too many are on their way. */
  async post(deliveries: readonly Delivery[]): Promise<void> {
    const handedOver = this.offer(deliveries);
    if (this.#broker.inline || this.#pending > MOST_UNHEEDED) await handedOver;
  }

  /** Waits for what is being handed over. */
  async close(): Promise<void> {
    this.#begin();
    while (this.#underWay) await this.#underWay;
  }

  #begin(): void {
    if (this.#waiting.length === 0 || this.#underWay) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#underWay = this.#call(waiting).finally(() => {
      this.#underWay = undefined;
      this.#begin();
    });
  }

  async #call(waiting: readonly Waiting[]): Promise<void> {
    const deliveries = waiting.flatMap((each) => each.deliveries);
    try {
      await this.#broker.dispatch(deliveries);
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      const about = { error, broker: this.#broker.name, runId: deliveries[0]?.runId, count: deliveries.length };
      this.#log.warn(about, `The broker did not take ${deliveries.length === 1 ? "a delivery" : `${deliveries.length} deliveries`}; the sweep will try again.`);
      for (const { reject } of waiting) reject(error);
    } finally {
      this.#pending -= deliveries.length;
    }
  }
}
