import type { Log } from "../../core/task.ts";

/**
 * Attempts whose task is over, and whose end is being recorded: for so long, the worker performs the next ones. Not more of them than it
 * performs at once, so that a store that cannot write stops it.
 */
export class Endings {
  readonly #most: number;
  readonly #log: Log;
  readonly #underWay = new Set<Promise<void>>();

  constructor(most: number, log: Log) {
    this.#most = most;
    this.#log = log;
  }

  /** Resolves when the worker may go on. @throws what `settled` rejects with, when it is waited for */
  async add(runId: string, settled: Promise<void>): Promise<void> {
    if (this.#underWay.size >= this.#most) return settled;
    const ended = settled
      .catch((error: unknown) => this.#log.error({ error, runId }, "The end of an attempt could not be recorded; the sweep will mend its run."))
      .then(() => void this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  /** Resolves when all are recorded. */
  async all(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
