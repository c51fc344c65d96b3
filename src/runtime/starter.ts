import type { Key, KeyClaim } from "../core/keys.ts";
import type { NewRun, Run } from "../core/run.ts";
import { isEnded } from "../core/states.ts";
import type { Log, TaskDefinition } from "../core/task.ts";
import { newRun } from "./delay.ts";
import { deliveryOf } from "./delivery-of.ts";
import type { Errand, RerunOptions } from "./errand.ts";
import { plant } from "./links/plant.ts";
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
  readonly log: Log;
}

/** Begins runs: the row first, then the dispatch. A row whose dispatch failed is found by the sweep. */
export class Starter {
  readonly #parts: StarterParts;

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  /** @throws InvalidInputError, InvalidJsonError, StoreError; nothing was stored then */
  async start<Output>(task: TaskDefinition, input: unknown, options: DelayOptions): Promise<KnownRun<Output>> {
    if (options.key !== undefined) return this.#startOnce(task, input, options, options.key);
    return (await this.#insert<Output>(await newRun(task, input, options))) as KnownRun<Output>;
  }

  /** The run, if it got the key; null when the key does not stand any more as the claim saw it. */
  async startUnder<Output>(claim: KeyClaim, input: unknown, options: DelayOptions): Promise<KnownRun<Output> | null> {
    return this.#insert(await newRun(this.#parts.tasks.get(claim.task) as TaskDefinition, input, options), claim);
  }

  /** See `Link.start`. All rows stand at once, so nothing begins before the whole is there. */
  async startLink<Output>(link: Link<Output>, options: LinkDelayOptions): Promise<KnownRun<Output>> {
    return this.#insertTree(await plant(this.#parts.tasks, link, options));
  }

  async #insertTree<Output>(rows: readonly NewRun[]): Promise<KnownRun<Output>> {
    const { errand, follow, log } = this.#parts;
    const { writer, broker } = await this.#parts.open();
    const runs = await writer.insertAll(rows);
    const started = new KnownRun<Output>(errand, follow, runs[0] as Run);
    if (errand.inline) started.follow();
    const ready = runs.filter(({ kind }, index) => kind === null && !rows[index]?.link?.blocked).map(deliveryOf);
    await broker
      .dispatch(ready)
      .catch((error: unknown) => log.warn({ error, runId: started.id }, "Linked runs could not be dispatched now; the sweep will do it."));
    return started;
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
    const { errand, follow, log } = this.#parts;
    const opened = this.#parts.open();
    const { writer, broker } = opened instanceof Promise ? await opened : opened;
    const run = await writer.insert(row, claim, retry);
    if (!run) return null;
    const started = new KnownRun<Output>(errand, follow, run);
    // Performed in this process, the run may end before its starter asks for the end.
    if (errand.inline) started.follow();
    try {
      await broker.dispatch([deliveryOf(run)]);
    } catch (error) {
      log.warn({ error, runId: run.id, broker: broker.name }, "A run could not be dispatched now; the sweep will do it.");
    }
    return started;
  }
}
