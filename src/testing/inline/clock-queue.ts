import type { Broker, Consumer, Delivery, DeliveryHandler } from "../../core/broker.ts";
import type { Store } from "../../core/store.ts";
import type { FakeClock } from "../fake-clock.ts";

/** Most runs that one look begins. */
const AT_ONCE = 1000;
/** Rest after what could not be handled, by the clock, ms. */
const AFTER_ERROR_MS = 500;

/**
 * No broker, by a clock: a run that waits in the store is begun by this process as soon as the clock says that its time has come. After `death`
 * the clock waits for nothing of it any more.
 */
export function clockQueue(store: Store, clock: FakeClock, death?: Promise<void>): Broker {
  const underWay = new Map<string, Promise<void>>();
  const closing = new AbortController();
  let handler: DeliveryHandler | undefined;
  let stopTimer: (() => void) | undefined;
  let looking = Promise.resolve();

  const heed = (work: Promise<void>): void => clock.heed(death ? Promise.race([work, death]) : work);

  const begin = (handle: DeliveryHandler, delivery: Delivery): void => {
    const handled = handle(delivery, closing.signal)
      .catch(() => void clock.after(AFTER_ERROR_MS, look))
      .finally(() => {
        underWay.delete(delivery.runId);
        look();
      });
    underWay.set(delivery.runId, handled);
    heed(handled);
  };

  const take = async (): Promise<void> => {
    if (!handler) return;
    const { deliveries, nextIn } = await store.due({ queues: [], limit: AT_ONCE, except: [...underWay.keys()] });
    stopTimer?.();
    stopTimer = nextIn === null ? undefined : clock.after(nextIn, look);
    for (const delivery of deliveries) if (handler) begin(handler, delivery);
  };

  /** One look after another: what is dispatched while one is under way is found by the next. */
  const look = (): void => {
    looking = looking.then(take).catch(() => void clock.after(AFTER_ERROR_MS, look));
    heed(looking);
  };

  const stop = async (): Promise<void> => {
    handler = undefined;
    stopTimer?.();
    await looking;
    await Promise.all(underWay.values());
  };

  return {
    name: "inline",
    features: new Set(["durable", "delay", "priority"]),
    inline: true,
    async dispatch() {
      look();
    },
    async consume(handle): Promise<Consumer> {
      handler = handle;
      look();
      return { stop };
    },
    async close() {
      closing.abort();
      await stop();
    },
  };
}
