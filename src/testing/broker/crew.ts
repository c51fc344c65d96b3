import type { Broker, ConsumeOptions, Consumer, Delivery } from "../../core/broker.ts";
import type { NewRun, Run } from "../../core/run.ts";
import { isEnded } from "../../core/states.ts";
import type { Store } from "../../core/store.ts";
import { claiming } from "../../runtime/attempts/claiming.ts";
import { change, deliveryOf, end, newRun } from "../fixtures.ts";
import { until } from "../until.ts";

const LEASE = 60_000;

/** What is done for a delivery once its run is claimed. */
export type Work = (run: Run, signal: AbortSignal) => Promise<void> | void;

/** One process: its broker and store, and what was handed to it. */
export class Crew {
  readonly broker: Broker;
  readonly store: Store;
  readonly worker = newRun().id;
  /** Deliveries that were handed out, each time. */
  readonly handed: Delivery[] = [];
  /** Runs that were claimed and settled here, in the order of their claims. */
  readonly performed: string[] = [];
  /** Deliveries under way now, and the most there have been at once. */
  underWay = 0;
  most = 0;

  constructor({ broker, store }: { broker: Broker; store: Store }) {
    this.broker = broker;
    this.store = store;
  }

  /** Inserts runs, then dispatches them: row first, as `delay` does. */
  async start(...given: readonly Partial<NewRun>[]): Promise<Run[]> {
    const runs = (await this.store.write(given.map((values) => ({ insert: newRun(values) })))) as Run[];
    await this.broker.dispatch(runs.map((run) => deliveryOf(run)));
    return runs;
  }

  /** Takes deliveries, claims the run of each, does the work and ends the run. */
  consume(work: Work = () => {}, options: Partial<ConsumeOptions> = {}): Promise<Consumer> {
    return this.handle(async (delivery, signal) => {
      const [run] = await this.store.write([{ change: claiming(delivery, this.worker, LEASE) }]);
      if (run instanceof Error) throw run;
      if (!run) return;
      this.performed.push(run.id);
      await work(run, signal);
      if (await change(this.store, run, { states: ["in_progress"] })) await end(this.store, run);
    }, options);
  }

  /** Takes deliveries and leaves all else to `handler`. */
  handle(
    handler: (delivery: Delivery, signal: AbortSignal) => Promise<void>,
    { queues = [], concurrency = 10 }: Partial<ConsumeOptions> = {},
  ): Promise<Consumer> {
    const { consume } = this.broker;
    if (!consume) throw new Error(`The broker ${this.broker.name} does not consume.`);
    const counted = async (delivery: Delivery, signal: AbortSignal) => {
      this.handed.push(delivery);
      this.underWay += 1;
      this.most = Math.max(this.most, this.underWay);
      try {
        await handler(delivery, signal);
      } finally {
        this.underWay -= 1;
      }
    };
    return consume.call(this.broker, counted, { queues, concurrency });
  }

  /** Waits until all of these runs have ended, whoever performed them. */
  async ended(runs: readonly Pick<Run, "id">[]): Promise<void> {
    const ids = runs.map(({ id }) => id);
    await until(`${ids.length} runs have ended`, async () => (await this.store.get(ids)).filter(({ state }) => isEnded(state)).length === ids.length);
  }

  /** Waits until a run that is started now has been performed: whatever was to be handed out before it has been. */
  async flush(given: Partial<NewRun> = {}): Promise<void> {
    await this.ended(await this.start({ priority: -100, name: "flush", ...given }));
  }
}

/** A door that work waits at. */
export function gate(): { readonly opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
