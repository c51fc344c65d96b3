import type { Broker, Consumer, Delivery, DeliveryHandler } from "../core/broker.ts";

/** Longest wait that a timer takes; a later delivery is left to the sweep. */
const LONGEST_MS = 2 ** 31 - 1;
/** Rest before a delivery that could not be handled comes again, ms. */
const AFTER_ERROR_MS = 500;

/**
 * No broker: the process that starts a run performs it, at once. Deliveries live in memory; what a crash takes is found by the sweep.
 * Everything runs side by side, since a run may wait for the end of another one that it started: there is one consumer, and `queues` and
 * `concurrency` do not bind it.
 */
export function inProcess(): Broker {
  let handler: DeliveryHandler | undefined;
  let closed = false;
  const closing = new AbortController();
  /** Kept for whoever consumes next. */
  let waiting: Delivery[] = [];
  const timers = new Map<string, { delivery: Delivery; timer: NodeJS.Timeout }>();
  const underWay = new Map<string, Promise<void>>();

  const begin = (delivery: Delivery, handle: DeliveryHandler): void => {
    const key = `${delivery.runId}-${delivery.attempt}`;
    if (underWay.has(key)) return;
    const handled = handle(delivery, closing.signal).then(
      () => void underWay.delete(key),
      () => {
        underWay.delete(key);
        take({ ...delivery, runAt: Date.now() + AFTER_ERROR_MS });
      },
    );
    underWay.set(key, handled);
  };

  const take = (delivery: Delivery): void => {
    if (closed) return;
    if (!handler) {
      waiting.push(delivery);
      return;
    }
    const wait = delivery.runAt - Date.now();
    if (wait <= 0) return begin(delivery, handler);
    if (wait > LONGEST_MS || timers.has(delivery.runId)) return;
    const timer = setTimeout(() => {
      timers.delete(delivery.runId);
      take(delivery); // A timer may come a moment early.
    }, wait);
    timers.set(delivery.runId, { delivery, timer });
  };

  const stop = async (): Promise<void> => {
    handler = undefined;
    for (const { delivery, timer } of timers.values()) {
      clearTimeout(timer);
      take(delivery);
    }
    timers.clear();
    await Promise.all(underWay.values());
  };

  return {
    name: "in-process",
    features: new Set(["delay"]),
    inline: true,
    async dispatch(deliveries) {
      for (const delivery of deliveries) take(delivery);
    },
    async consume(handle): Promise<Consumer> {
      handler = handle;
      for (const delivery of waiting.splice(0)) take(delivery);
      return { stop };
    },
    async withdraw({ runId }) {
      const timed = timers.get(runId);
      clearTimeout(timed?.timer);
      timers.delete(runId);
      const kept = waiting.filter((delivery) => delivery.runId !== runId);
      const found = timed !== undefined || kept.length < waiting.length;
      waiting = kept;
      return found;
    },
    async close() {
      closed = true;
      closing.abort();
      waiting = [];
      await stop();
    },
  };
}
