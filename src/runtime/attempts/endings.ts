import { setTimeout as rest } from "node:timers/promises";
import type { Log } from "../../core/task.ts";

/** Rest of a place whose end could not be recorded, ms: a worker whose ends are all refused must not perform the queue at full speed. */
const AFTER_ERROR_MS = 500;

/**
 * Attempts whose task is over, and whose end is being recorded: for so long, the worker performs the next ones. Not more of them than it
 * performs at once, so that a store that cannot write stops it.
 */
export class Endings {
  readonly #most: number;
  readonly #log: Log;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(most: number, log: Log) {
    this.#most = most;
    this.#log = log;
  }

  /** Resolves when the worker may go on. @throws what `settled` rejects with, when it is waited for */
  async add(runId: string, settled: Promise<void>): Promise<void> {
    if (this.#underWay.size >= this.#most) return settled;
    const ended = settled
      .catch((error: unknown) => {
        this.#log.error({ error, runId }, "The end of an attempt could not be recorded; the sweep will mend its run.");
        return rest(AFTER_ERROR_MS, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => undefined);
      })
      .then(() => void this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  /** Resolves when all are recorded; nothing is added any more. */
  async all(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#underWay);
  }
}
