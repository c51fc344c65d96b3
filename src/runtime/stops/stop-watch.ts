import type { Run } from "../../core/run.ts";
import { isEnded } from "../../core/states.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";

/** Looks back further than the last look by so much, ms: a commit may come a little later than the time that it bears. */
const OVERLAP_MS = 5000;
/** Shortest and longest rest between two looks, ms, and the part of the time that looking may take. A look that hung in an outage says nothing of the next. */
const REST_MS = 50;
const LONGEST_REST_MS = 1000;
const REST_PER_LOOK = 10;
const LIMIT = 1000;
/** An answer that took longer is asked for again, ms: less than the overlap. */
const ANSWER_MS = 1000;
/** How often a look that took longer is made again. */
const MOST_SLOW = 3;
/** Ids that were told of are gone through after so many more. */
const FORGET_EVERY = 1000;

/** Tells, once per run, of runs that ended: at once for this process's own writes, soon after for those of others. */
export class StopWatch {
  readonly #store: Store;
  readonly #log: Log;
  readonly #onStopped: (run: Run) => void;
  /** Ids that were told of, with when. */
  readonly #told = new Map<string, number>();
  /** Ids of runs that others said had ended. Their commit may have come long after the time that it bears. */
  readonly #named = new Set<string>();
  readonly #since = performance.now();
  /** Whatever ended before, further back than the overlap, was told of. */
  #lookedAt = performance.now();
  #rest = REST_MS;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  /** Somebody wrote while a look was under way. */
  #again = false;
  #stopped = false;

  constructor(store: Store, log: Log, onStopped: (run: Run) => void) {
    this.#store = store;
    this.#log = log;
    this.#onStopped = onStopped;
  }

  /** A run of this process has ended. */
  tell(run: Run): void {
    if (this.#told.has(run.id)) return;
    this.#told.set(run.id, performance.now());
    if (this.#told.size % FORGET_EVERY === 0 && this.#isIdle) this.#forget(performance.now()); // Nobody else has written since the last look.
    this.#onStopped(run);
  }

  /** Another process may have ended runs, these among them: looks soon. */
  wake(named: readonly string[] = []): void {
    for (const id of named) if (!this.#told.has(id)) this.#named.add(id);
    this.#again = true;
    if (this.#stopped || !this.#isIdle) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined;
        if (this.#again) this.wake();
      });
    }, this.#rest).unref();
  }

  /** Tells of nothing any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  get #isIdle(): boolean {
    return this.#timer === undefined && this.#looking === undefined;
  }

  async #look(): Promise<void> {
    const now = performance.now();
    const span = Math.min(now - this.#since, now - this.#lookedAt + OVERLAP_MS);
    this.#again = false;
    try {
      const { ended, isWhole } = await this.#endedSince(now - span);
      const late = [...this.#named].filter((id) => !this.#told.has(id) && !ended.some((run) => run.id === id));
      if (late.length > 0) ended.push(...(await this.#store.get(late)).filter(({ state }) => isEnded(state)));
      if (this.#stopped) return;
      for (const run of ended) {
        this.#named.delete(run.id);
        this.tell(run);
      }
      for (const id of late) this.#named.delete(id); // Hidden meanwhile, or not ended after all.
      if (isWhole) this.#forget(now);
      else this.#again = true; // As far back as this time.
    } catch (error) {
      this.#again = true;
      this.#log.warn({ error }, "Could not look for runs that ended elsewhere; looking again soon.");
    } finally {
      this.#rest = Math.min(LONGEST_REST_MS, Math.max(REST_MS, REST_PER_LOOK * (performance.now() - now)));
    }
  }

  /** Runs that ended since then, by `performance.now()`; not all of them where every answer took too long. */
  async #endedSince(then: number): Promise<{ ended: Run[]; isWhole: boolean }> {
    let limit = LIMIT;
    for (let slow = 0; ; ) {
      const asked = performance.now();
      const ended = await this.#store.endedSince(Math.ceil(asked - then), limit);
      // The store reckons back from when it answers: one that was away meanwhile has not reached back far enough.
      const took = performance.now() - asked;
      if (took > ANSWER_MS && slow++ < MOST_SLOW) continue;
      if (ended.length < limit) return { ended, isWhole: took <= OVERLAP_MS };
      limit *= 4;
    }
  }

  /** Forgets what no later look can bring. `now`: until when everything was told of. */
  #forget(now: number): void {
    this.#lookedAt = now;
    for (const [id, at] of this.#told) {
      if (now - at < 2 * OVERLAP_MS) break;
      this.#told.delete(id);
    }
  }
}
