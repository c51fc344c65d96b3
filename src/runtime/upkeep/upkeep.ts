import { hostname } from "node:os";
import type { ConsumeOptions } from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import type { WaitingPlace } from "../../core/store.ts";
import type { Links } from "../links/links.ts";
import { systemClock } from "../system-clock.ts";
import { eraseHidden, purgeRuns, type RemovalParts } from "./removal.ts";
import { type SweepParts, sweep } from "./sweep.ts";

/** How often ended runs that are too old are looked for, ms. */
const PURGE_EVERY_MS = 3_600_000;
/** A worker that was silent for so many sweeps, and at least a minute, is no longer listed. */
const SILENT_SWEEPS = 10;
const SILENT_MS = 60_000;

export interface UpkeepParts extends SweepParts, RemovalParts {
  readonly links: Links;
  /** Id of this process's worker. */
  readonly worker: string;
  /** ms */
  readonly sweepEvery: number;
  /** How long ended runs are kept, ms; null: for ever. */
  readonly keep: number | null;
}

/** What every process does from time to time for all of them: it heals what died and, when it takes runs, shows that it is there and clears away what is too old. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #working = new Set<ConsumeOptions>();
  readonly #stopping = new AbortController();
  readonly #clock: Clock;
  #stopTimer: (() => void) | undefined;
  #turning: Promise<void> | undefined;
  #purging: Promise<void> | undefined;
  #purgedAt = Number.NEGATIVE_INFINITY;
  /** Where the next sweep goes on, in a queue that is longer than one looks at. */
  #place: WaitingPlace | undefined;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#clock = parts.store.clock ?? systemClock;
  }

  /** Sweeps from now on, also where no runs are taken: when the last worker has died, the others must still tell the truth about its runs. */
  start(): void {
    this.#stopTimer ??= this.#clock.every(this.#parts.sweepEvery, async () => {
      await this.#turn();
      await this.#purging;
    });
  }

  /** This process takes runs from now on. */
  add(work: ConsumeOptions): void {
    this.#working.add(work);
    void this.#turn();
  }

  /** It takes no more; with the last, it is listed as a worker no longer. */
  async delete(work: ConsumeOptions): Promise<void> {
    this.#working.delete(work);
    if (this.#working.size > 0) return;
    await this.#turning;
    await this.#try("The worker could not sign off; it is forgotten after a while", () => this.#parts.store.atWorkNoMore(this.#parts.worker));
  }

  async stop(): Promise<void> {
    this.#stopTimer?.();
    this.#stopping.abort();
    await this.#turning;
    await this.#purging;
  }

  #turn(): Promise<void> {
    return (this.#turning ??= this.#steps().finally(() => {
      this.#turning = undefined;
    }));
  }

  async #steps(): Promise<void> {
    const { store, worker, sweepEvery, keep } = this.#parts;
    await this.#try("The sweep could not look; trying again at its next turn", () => this.#sweep());
    await this.#try("Linked runs could not be looked after; trying again at the next turn", () => this.#parts.links.sweep());
    if (this.#working.size === 0) return;
    const silence = Math.max(SILENT_MS, SILENT_SWEEPS * sweepEvery);
    await this.#try("The worker could not report; trying again at the next turn", () =>
      store.atWork({ id: worker, host: hostname(), pid: process.pid, ...this.#all() }, silence),
    );
    await this.#try("Deleted runs could not be erased; trying again at the next turn", () => eraseHidden(this.#parts));
    if (keep === null || this.#purging || this.#clock.now() - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = this.#clock.now();
    // Not part of the turn: after a long holiday it may take minutes.
    this.#purging = this.#try("The purge broke off; it goes on within the hour", async () => {
      const count = await purgeRuns(this.#parts, keep, this.#stopping.signal);
      if (count > 0) this.#parts.log.info({ count }, `Purged ${count} runs.`);
    }).finally(() => {
      this.#purging = undefined;
    });
  }

  async #sweep(): Promise<void> {
    this.#place = await sweep(this.#parts, this.#place);
  }

  /** All that this process takes, as one. */
  #all(): ConsumeOptions {
    const works = [...this.#working];
    return {
      queues: works.some(({ queues }) => queues.length === 0) ? [] : [...new Set(works.flatMap(({ queues }) => queues))],
      concurrency: works.reduce((sum, { concurrency }) => sum + concurrency, 0),
    };
  }

  async #try(failed: string, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#parts.log.warn({ error }, `${failed}.`);
    }
  }
}
