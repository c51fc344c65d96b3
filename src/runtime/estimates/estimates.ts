import { type History, remaining, type Span } from "../../core/estimate.ts";
import { type QueuePlace, startsIn } from "../../core/queue-place.ts";
import type { Run } from "../../core/run.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { Histories } from "./histories.ts";
import { Lately } from "./lately.ts";

/** Further back nobody counts what is before a run. */
const MOST_AHEAD = 1000;
/** What has ended lately: in this time, ms, and so many at most. */
const LATELY = { within: 600_000, most: 500 };
/** How long a pace, and a place, is taken for true, ms: whoever waits asks more often. */
const FRESH_PACE_MS = 10_000;
const FRESH_PLACE_MS = 2000;

type Pace = Parameters<typeof startsIn>[1];

export interface EstimatesParts {
  readonly store: Store;
  readonly log: Log;
  readonly inline: boolean;
}

/** How long runs will still take, and when those begin that wait: only from what others before them took. */
export class Estimates {
  readonly histories: Histories;
  readonly #parts: EstimatesParts;
  readonly #paces: Lately<Pace>;
  readonly #places: Lately<QueuePlace>;

  constructor(parts: EstimatesParts) {
    this.#parts = parts;
    this.histories = new Histories(parts.store, parts.log);
    this.#paces = new Lately(FRESH_PACE_MS, parts.log);
    this.#places = new Lately(FRESH_PLACE_MS, parts.log);
  }

  /** What the run's estimate is made from, once it is known: a promise only for the first run of a task that this process shows. It never rejects. */
  historyOf({ task, state, kind }: Pick<Run, "task" | "state" | "kind">): History | null | Promise<History | null> {
    return state === "in_progress" && kind === null ? this.histories.of(task) : null;
  }

  /** How long a run under way will still take from `at` on; null when there is nothing (yet) to tell it from. */
  remaining(run: Run, at: number): Span | null {
    const history = this.historyOf(run);
    return history instanceof Promise ? null : remaining(history, run, at);
  }

  /** Where a run that waits for a worker stands; null for any other, and when it cannot be told. A promise only for a run that is new here. It never rejects. */
  queuePlace(run: Run, at: number): QueuePlace | null | Promise<QueuePlace | null> {
    if ((run.state !== "pending" && run.state !== "retrying") || run.kind !== null || run.runAt > at) return null;
    const place = this.#places.get(run.id, () => this.#placeOf(run));
    return place instanceof Promise ? place.then((known) => known ?? null) : (place ?? null);
  }

  async #placeOf(run: Run): Promise<QueuePlace> {
    const pace = this.#paces.get(run.queue, () => this.#paceOf(run.queue));
    const { count, isMore } = await this.#parts.store.estimates.ahead(run, MOST_AHEAD);
    const known = await pace;
    return { ahead: count, isMore, startsIn: isMore || !known ? null : startsIn(count, known) };
  }

  /** Where no worker takes from the queue, what has ended says nothing of what will. */
  async #paceOf(queue: string): Promise<Pace> {
    const { store, inline } = this.#parts;
    const isServed = inline || (await store.workers()).some(({ queues }) => queues.length === 0 || queues.includes(queue));
    return isServed ? store.estimates.pace(queue, LATELY) : { ended: 0, span: 0 };
  }
}
