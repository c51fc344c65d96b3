import { BrokerError, ConfigurationError } from "../core/errors.ts";
import type { Key, KeyClaim } from "../core/keys.ts";
import type { NewRun, Run } from "../core/run.ts";
import { isEnded, statesBefore } from "../core/states.ts";
import type { TaskDefinition } from "../core/task.ts";
import { carryWithin } from "./carry-within.ts";
import { newRun } from "./delay.ts";
import { deliveryOf } from "./delivery-of.ts";
import type { Errand, RerunOptions } from "./errand.ts";
import { plant } from "./links/plant.ts";
import type { Observers } from "./observers.ts";
import type { OpenErrand } from "./open-errand.ts";
import { claimOf, scopeOf } from "./polling/key-claim.ts";
import { rerunRows } from "./rerun.ts";
import { type Follow, KnownRun } from "./run-handle.ts";
import type { DelayOptions, Link, LinkDelayOptions } from "./task-api.ts";

export interface StarterParts {
  readonly errand: Errand;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly open: () => OpenErrand | Promise<OpenErrand>;
  readonly follow: Follow;
  readonly observers: Observers;
  /** A run that the broker does not take is not started. */
  readonly requireBroker: boolean;
}

/** Begins runs: the row first, then the dispatch. A row whose dispatch failed is found by the sweep. */
export class Starter {
  readonly #parts: StarterParts;

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  /** @throws InvalidInputError, InvalidJsonError, StoreError; nothing was stored then */
  async start<Output>(task: TaskDefinition, input: unknown, options: DelayOptions): Promise<KnownRun<Output>> {
    if (options.transaction !== undefined) return this.#join<Output>(options, async () => [await this.#newRun(task, input, options)]);
    if (options.key !== undefined) return this.#startOnce(task, input, options, options.key);
    return (await this.#insert<Output>(await this.#newRun(task, input, options))) as KnownRun<Output>;
  }

  /** The run, if it got the key; null when the key does not stand any more as the claim saw it. */
  async startUnder<Output>(claim: KeyClaim, input: unknown, options: DelayOptions): Promise<KnownRun<Output> | null> {
    return this.#insert(await this.#newRun(this.#parts.tasks.get(claim.task) as TaskDefinition, input, options), claim);
  }

  /** See `Link.start`. All rows stand at once, so nothing begins before the whole is there. */
  async startLink<Output>(link: Link<Output>, options: LinkDelayOptions): Promise<KnownRun<Output>> {
    const rows = () => plant(this.#parts.tasks, link, options);
    return options.transaction === undefined ? this.#insertTree(await rows()) : this.#join(options, rows);
  }

  async #newRun(task: TaskDefinition, input: unknown, options: DelayOptions): Promise<NewRun> {
    try {
      return await newRun(task, input, options);
    } catch (error) {
      this.#parts.observers.refused(task.name, error);
      throw error;
    }
  }

  async #insertTree<Output>(rows: readonly NewRun[]): Promise<KnownRun<Output>> {
    const { errand, follow, observers } = this.#parts;
    const opened = await this.#parts.open();
    const runs = await observers.delayingLink(rows, (traced) => opened.writer.insertAll(traced));
    opened.owners.written(runs[0] as Run);
    const started = new KnownRun<Output>(errand, follow, runs[0] as Run);
    if (errand.inline) started.follow();
    await this.#handOver(opened, readyOf(runs, rows), started.id);
    return started;
  }

  /** Begins a run, or linked ones, in the app's own transaction. @throws ConfigurationError when that is not possible */
  async #join<Output>({ transaction, key }: DelayOptions, make: () => Promise<readonly NewRun[]>): Promise<KnownRun<Output>> {
    const { errand, follow, observers } = this.#parts;
    const { store, broker, uncommitted } = await this.#parts.open();
    if (!store.join) throw new ConfigurationError(`The store "${store.name}" cannot begin runs in a transaction of the app. Leave \`transaction\` away.`);
    if (key !== undefined)
      throw new ConfigurationError(
        "`key` and `transaction` do not go together: whoever begins a run with the same key would have to wait for the end of the transaction. Leave one of them away.",
      );
    const rows = await make();
    const joined = await store.join(transaction);
    const runs = await observers.delayingLink(rows, (traced) => joined.insert(traced));
    const deliveries = readyOf(runs, rows).map(deliveryOf);
    const carried = await carryWithin(broker, joined, deliveries, errand.log);
    const run = runs[0] as Run;
    return new KnownRun<Output>(errand, follow, run, uncommitted.add(joined, run.id, carried ? [] : deliveries));
  }

  /** See `Errand.rerun`. */
  async rerun(runId: string, options: RerunOptions): Promise<KnownRun<unknown> | null> {
    const rows = await rerunRows({ ...(await this.#parts.open()), tasks: this.#parts.tasks }, runId, options);
    const [row] = rows ?? [];
    if (!rows || !row) return null;
    return row.link ? this.#insertTree(rows) : this.#insert(row, undefined, options.only && runId);
  }

  /** The run under way that has this key, else a new one. */
  async #startOnce<Output>(task: TaskDefinition, input: unknown, options: DelayOptions, text: string): Promise<KnownRun<Output>> {
    const { errand, follow } = this.#parts;
    const key: Key = { task: task.name, scope: scopeOf(options), address: `key:${text}` };
    for (;;) {
      const { store } = await this.#parts.open();
      const holding = await store.keys.find(key);
      if (holding?.run && !isEnded(holding.run.state)) return new KnownRun<Output>(errand, follow, holding.run);
      const started = await this.startUnder<Output>(claimOf(key, holding, false), input, options);
      if (started) return started;
    }
  }

  async #insert<Output>(row: NewRun, claim?: KeyClaim, retry?: string): Promise<KnownRun<Output> | null> {
    const { errand, follow, observers } = this.#parts;
    const opening = this.#parts.open();
    const opened = opening instanceof Promise ? await opening : opening;
    const run = await observers.delaying(row, (traced) => opened.writer.insert(traced, claim, retry));
    if (!run) return null;
    const started = new KnownRun<Output>(errand, follow, run);
    // Performed in this process, the run may end before its starter asks for the end.
    if (errand.inline) started.follow();
    await this.#handOver(opened, [run], run.id);
    return started;
  }

  /** What stands is dispatched, now or by the sweep; `whole` is what its starter knows it by. @throws BrokerError when the broker is required and did not take it */
  async #handOver({ dispatcher, writer, links, store, broker }: OpenErrand, runs: readonly Run[], whole: string): Promise<void> {
    const deliveries = runs.map(deliveryOf);
    if (!this.#parts.requireBroker) return dispatcher.post(deliveries);
    try {
      await dispatcher.dispatch(deliveries);
    } catch (cause) {
      const guard = { states: statesBefore("canceled", "cancel") };
      const canceled = await Promise.all(
        runs.map(({ id }) => writer.change({ id, guard, patch: { set: { state: "canceled", cancelRequested: { fromNow: 0 }, ended: { fromNow: 0 } } } })),
      );
      if (!canceled.every((run) => run !== null)) return; // It came through all the same, and goes on.
      if (whole !== runs[0]?.id) await links.cancel(whole);
      await store.hide([whole]);
      throw new BrokerError(broker.name, { cause });
    }
  }
}

/** Those that a worker may take: no containers, nor what has to wait for others. */
function readyOf(runs: readonly Run[], rows: readonly NewRun[]): Run[] {
  return runs.filter(({ kind }, index) => kind === null && !rows[index]?.link?.blocked);
}
