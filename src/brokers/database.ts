import { setTimeout as wait } from "node:timers/promises";
import type { Broker, ConsumeOptions, Consumer, Delivery, DeliveryHandler } from "../core/broker.ts";
import type { Store } from "../core/store.ts";

/** Longest rest between two looks at the queue, ms: what no notification told of is found then. */
const REST_MS = 1000;
/** Rest after the store refused, ms. */
const AFTER_ERROR_MS = 500;

/**
 * The store itself as the queue: a waiting run that is due is its own delivery, so nothing can be lost between the two. Consumers look
 * when this process dispatches, when the store tells of another process's write, and when a run that waits for its time is due.
 */
export function database({ store }: { store: Store }): Broker {
  const loops = new Set<DueLoop>();
  let closed = false;
  return {
    name: "database",
    features: new Set(["durable", "delay", "priority"]),
    async dispatch() {
      for (const loop of loops) loop.wake();
    },
    async consume(handle, options): Promise<Consumer> {
      const loop = new DueLoop(store, handle, options);
      if (closed) await loop.close();
      else loops.add(loop);
      return {
        async stop() {
          await loop.stop();
          loops.delete(loop);
        },
      };
    },
    async close() {
      closed = true;
      await Promise.all([...loops].map((loop) => loop.close()));
      loops.clear();
    },
  };
}

/** Takes due runs from the store while there is room, and rests until there is a reason to look again. */
class DueLoop {
  readonly #store: Store;
  readonly #handle: DeliveryHandler;
  readonly #options: ConsumeOptions;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Fires when no more is taken. */
  readonly #stopping = new AbortController();
  /** Fires for the handlers that are still at work. */
  readonly #closing = new AbortController();
  readonly #unwatch: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #again = false;
  #soon = false;

  constructor(store: Store, handle: DeliveryHandler, options: ConsumeOptions) {
    this.#store = store;
    this.#handle = handle;
    this.#options = options;
    this.#unwatch = store.watch(() => this.wake());
    this.wake();
  }

  /** Looks once this turn of the event loop is over, however often it is called before. */
  wake(): void {
    if (this.#soon || this.#stopping.signal.aborted) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      void this.#look();
    });
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.stop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#unwatch();
    clearTimeout(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    let rest: number | null = REST_MS;
    try {
      do {
        this.#again = false;
        rest = await this.#take();
      } while (this.#again);
    } catch {
      rest = AFTER_ERROR_MS; // The store has said why to everyone who writes; here it is enough to try again.
    } finally {
      this.#looking = false;
    }
    clearTimeout(this.#timer);
    if (!this.#stopping.signal.aborted) this.#timer = setTimeout(() => this.wake(), Math.min(rest ?? REST_MS, REST_MS)).unref();
  }

  /** Begins what is due and fits; returns when to look again, in ms. */
  async #take(): Promise<number | null> {
    const room = this.#options.concurrency - this.#underWay.size;
    if (room <= 0 || this.#stopping.signal.aborted) return null;
    const { deliveries, nextIn } = await this.#store.due({ queues: this.#options.queues, limit: room, except: [...this.#underWay.keys()] });
    if (this.#stopping.signal.aborted) return null;
    for (const delivery of deliveries) this.#begin(delivery);
    // With no room left, the end of the next run wakes the loop.
    return deliveries.length >= room ? null : nextIn === null ? null : Math.max(nextIn, 1);
  }

  #begin(delivery: Delivery): void {
    const handled = this.#handle(delivery, this.#closing.signal)
      .catch(() => wait(AFTER_ERROR_MS, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => undefined)) // It is still waiting in the store, where a later look finds it.
      .finally(() => {
        this.#underWay.delete(delivery.runId);
        this.wake();
      });
    this.#underWay.set(delivery.runId, handled);
  }
}
