import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as rest } from "node:timers/promises";
import type { Broker, Consumer, Delivery, DeliveryHandler } from "errand";
import type { Echoes } from "./echoes.ts";
import type { Journal } from "./journal.ts";
import type { Random } from "./random.ts";

/** Of a hundred deliveries: so many are dispatched twice, with an old one, held back, handled twice at once, by others too, and again much later. */
const TWICE = 10;
const OLD = 10;
const HELD_BACK = 15;
const DOUBLED = 15;
const ECHOED = 10;
const LATE = 10;
const LONGEST_HOLD_MS = 200;
const LONGEST_LATE_MS = 3000;
/** Others are handed a delivery so long before its own worker at most, ms. */
const HEAD_START_MS = 60;
/** Old deliveries that are remembered, to be dispatched once more. */
const REMEMBERED = 50;

/** What is known of one delivery while it is handled. */
const handling = new AsyncLocalStorage<{ isBegun: boolean }>();

/** Told by the task: the delivery that is being handled was good for an attempt. */
export function noteBegun(): void {
  const delivery = handling.getStore();
  if (delivery) delivery.isBegun = true;
}

/** The broker, but it loses all order and hands over what nobody asked for. Nothing gets lost in here. */
export function troubled(broker: Broker, { random, journal, echoes }: { random: Random; journal: Journal; echoes: Echoes }): Broker {
  const remembered: Delivery[] = [];

  const duplicate = (delivery: Delivery): Delivery => {
    journal.write({ what: "duplicated", run: delivery.runId });
    return delivery;
  };

  return {
    ...broker,
    async dispatch(deliveries, transaction) {
      const more = deliveries.flatMap((delivery) => {
        const again = random.percent(TWICE) ? [duplicate(delivery)] : [];
        const old = remembered.length > 0 && random.percent(OLD) ? [{ ...duplicate(random.of(remembered)), runAt: Date.now() }] : [];
        if (remembered.length < REMEMBERED) remembered.push(delivery);
        else remembered[random.below(REMEMBERED)] = delivery;
        return [...again, ...old];
      });
      await broker.dispatch(random.shuffled([...deliveries, ...more]), transaction);
    },
    async consume(handle, options): Promise<Consumer> {
      const trouble = new TroubledHandler({ handle, random, journal, echoes, duplicate });
      const consumer = await (broker.consume as Required<Broker>["consume"])(trouble.handle, options);
      return {
        async stop() {
          await Promise.all([consumer.stop(), trouble.stop()]);
        },
      };
    },
  };
}

interface HandlerParts {
  readonly handle: DeliveryHandler;
  readonly random: Random;
  readonly journal: Journal;
  readonly echoes: Echoes;
  readonly duplicate: (delivery: Delivery) => Delivery;
}

class TroubledHandler {
  readonly #parts: HandlerParts;
  readonly #stopping = new AbortController();
  /** Duplicates that nobody waits for. */
  readonly #loose = new Set<Promise<void>>();
  readonly #deaf: () => void;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
    this.#deaf = parts.echoes.listen((delivery) => this.#loosely(delivery, 0));
  }

  readonly handle: DeliveryHandler = async (delivery, signal) => {
    const { random, echoes, duplicate } = this.#parts;
    if (random.percent(ECHOED)) {
      echoes.tell(duplicate(delivery));
      await rest(random.below(HEAD_START_MS));
    }
    if (random.percent(HELD_BACK)) await rest(random.below(LONGEST_HOLD_MS));
    if (random.percent(DOUBLED)) this.#loosely(duplicate(delivery), 0);
    if (random.percent(LATE)) this.#loosely(duplicate(delivery), random.below(LONGEST_LATE_MS));
    await this.#hand(delivery, signal);
  };

  async stop(): Promise<void> {
    this.#deaf();
    this.#stopping.abort();
    await Promise.all(this.#loose);
  }

  /** Handles it when the time has come; whether that goes well is nobody's concern. */
  #loosely(delivery: Delivery, inMs: number): void {
    const { signal } = this.#stopping;
    const done = (inMs > 0 ? rest(inMs, undefined, { signal, ref: false }) : Promise.resolve())
      .then(() => (signal.aborted ? undefined : this.#hand(delivery, signal)))
      .catch(() => undefined)
      .finally(() => this.#loose.delete(done));
    this.#loose.add(done);
  }

  async #hand(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const known = { isBegun: false };
    await handling.run(known, () => this.#parts.handle(delivery, signal));
    if (!known.isBegun) this.#parts.journal.write({ what: "refused", run: delivery.runId });
  }
}
