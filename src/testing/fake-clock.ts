import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { type Duration, milliseconds } from "../core/duration.ts";

export interface FakeClockOptions {
  /** What it shows at first; the present time by default. */
  readonly start?: Date;
  /** How long, in real time, `advance` waits for a task before it takes it for one that only time will end. 250 ms by default. */
  readonly patience?: Duration;
}

/** Turns of the event loop in which nothing was begun, before nothing is expected any more. */
const QUIET_TURNS = 12;
/** Most times that what comes again and again comes in one `advance`, while no task is under way. */
const MOST_TIMES = 500;

interface Timer {
  readonly call: () => void | Promise<void>;
  /** When it comes next, ms. */
  at: number;
  /** Of what comes again: how often, ms. */
  readonly every?: number;
  /** What it did last is still going on. */
  isGoingOn?: boolean;
}

/**
 * A clock that stands still until a test moves it. With `inlineErrand({ clock })` all that a user can see goes by it: runs for later, waits
 * between attempts, timeouts, leases, the sweep, and the purge of old runs.
 */
export class FakeClock implements Clock {
  readonly #patience: number;
  readonly #timers = new Set<Timer>();
  readonly #watchers = new Set<() => void>();
  /** What is waited for, with when it began in real time. */
  readonly #work = new Map<Promise<unknown>, number>();
  /** How much of that are runs. */
  #runs = 0;
  #now: number;
  #advancing: Promise<void> = Promise.resolve();

  /** @throws RangeError for a start that is no valid date, or a patience that is no duration */
  constructor({ start = new Date(), patience = 250 }: FakeClockOptions = {}) {
    this.#now = start.getTime();
    if (!Number.isFinite(this.#now)) throw new RangeError(`The start of a clock must be a valid Date, but is ${String(start)}.`);
    this.#patience = milliseconds("patience", patience);
  }

  /** What it shows, ms since 1970. */
  readonly now = (): number => this.#now;

  /** What it shows. */
  get date(): Date {
    return new Date(this.#now);
  }

  /**
   * Lets time pass. What falls due on the way is done at its time, in order; `advance` resolves once all of that has come to rest. Calls follow
   * one another.
   * @throws RangeError for what is no duration
   */
  advance(span: Duration): Promise<void> {
    const ms = milliseconds("The time to advance by", span);
    this.#advancing = this.#advancing.then(() => this.#advance(ms));
    return this.#advancing;
  }

  after(ms: number, call: () => void): () => void {
    return this.#add({ call, at: this.#now + Math.max(ms, 0) });
  }

  every(ms: number, call: () => void | Promise<void>): () => void {
    return this.#add({ call, at: this.#now + ms, every: ms });
  }

  /** Calls back each time that it has moved; returns the way to stop. */
  watch(moved: () => void): () => void {
    this.#watchers.add(moved);
    return () => this.#watchers.delete(moved);
  }

  /** A run is under way until this settles: `advance` waits for it as long as its patience lasts. */
  heed(run: Promise<unknown>): void {
    this.#runs += 1;
    this.#wait(run, () => {
      this.#runs -= 1;
    });
  }

  #wait(work: Promise<unknown>, over: () => void): void {
    this.#work.set(work, performance.now());
    const settled = (): void => {
      this.#work.delete(work);
      over();
    };
    work.then(settled, settled);
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async #advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await this.#rest();
    for (let at = this.#next(); at <= target; at = this.#next()) {
      this.#now = Math.max(at, this.#now);
      for (const timer of this.#due()) this.#fire(timer, ms / MOST_TIMES);
      await this.#rest();
    }
    this.#now = target;
    for (const moved of this.#watchers) moved();
    await this.#rest();
  }

  #next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of this.#timers) next = Math.min(next, at);
    return next;
  }

  /** What was to come once before what comes again: a task's time is up before the sweep sees that it is. */
  #due(): Timer[] {
    const due = [...this.#timers].filter(({ at }) => at <= this.#now);
    return due.sort((one, other) => one.at - other.at || Number(one.every !== undefined) - Number(other.every !== undefined));
  }

  #fire(timer: Timer, stride: number): void {
    if (!this.#timers.has(timer)) return; // Called off by another one.
    if (timer.every === undefined) this.#timers.delete(timer);
    // While no run is under way, nobody can tell how often nothing was found; a month of sweeps would take minutes.
    else timer.at = this.#now + Math.max(timer.every, this.#runs === 0 ? stride : 0);
    if (timer.isGoingOn) return;
    const called = timer.call();
    if (!(called instanceof Promise)) return;
    timer.isGoingOn = true;
    this.#wait(called, () => {
      timer.isGoingOn = false;
    });
  }

  /** Until nothing goes on any more but what waits for time to pass. */
  async #rest(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      const fresh = performance.now() - this.#patience;
      const awaited = [...this.#work].filter(([, began]) => began > fresh);
      if (awaited.length === 0) {
        await turn();
        continue;
      }
      const enough = new AbortController();
      const outOfPatience = wait(this.#patience, undefined, { signal: enough.signal }).catch(() => undefined);
      await Promise.race([outOfPatience, Promise.allSettled(awaited.map(([work]) => work))]);
      enough.abort();
      quiet = -1;
    }
  }
}

/** A clock for `inlineErrand` that stands still until `advance`. */
export function fakeClock(options?: FakeClockOptions): FakeClock {
  return new FakeClock(options);
}
