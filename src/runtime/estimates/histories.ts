import { type History, MOST_SAMPLES, type Sample, stepNames, withSamples } from "../../core/estimate.ts";
import type { Run } from "../../core/run.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { Lately } from "./lately.ts";

/** Runs that took less are not remembered, ms: nobody waits for them, and tasks that do little more are not to pay for it. */
const SHORTEST_MS = 1000;
/** How long what was read of a task is taken for true, ms. */
const FRESH_MS = 10_000;
/** Shortest time between two writes of a task's history by one process, ms. */
const EVERY_MS = 1000;

/** Samples of one task that are not written yet. */
interface Waiting {
  readonly key: string;
  readonly task: string;
  readonly steps: readonly string[];
  samples: Sample[];
  timer?: NodeJS.Timeout;
}

/**
 * What is remembered of the last runs of each task: read seldom, and kept with what this process adds. Of two processes that add at
 * once one may lose; so may one that ends. That harms nothing: the next run is remembered.
 */
export class Histories {
  readonly #store: Store;
  readonly #log: Log;
  readonly #known: Lately<History | null>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #writing = new Set<Promise<void>>();
  #closed = false;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
    this.#known = new Lately(FRESH_MS, log);
  }

  /** What is known of the task; a promise only when nothing is known yet. It never rejects. */
  of(task: string): History | null | Promise<History | null> {
    const known = this.#known.get(task, () => this.#store.estimates.history(task));
    return known instanceof Promise ? known.then((history) => history ?? null) : (known ?? null);
  }

  /** Adds a run that has just succeeded here, `spans` being what its named steps took, ms; written at once, or with others a second later. */
  add(run: Pick<Run, "task" | "steps" | "totalSteps">, spans: readonly number[]): void {
    if (this.#closed || spans.reduce((sum, span) => sum + span, 0) < SHORTEST_MS) return;
    const steps = stepNames(run);
    const sample: Sample = { steps: run.totalSteps, spans: spans.map(Math.round) };
    // While a deploy changes the steps of a task, runs of both kinds end.
    const key = JSON.stringify([run.task, ...steps]);
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.samples = [...waiting.samples, sample].slice(-MOST_SAMPLES);
      return;
    }
    const next: Waiting = { key, task: run.task, steps, samples: [sample] };
    this.#waiting.set(key, next);
    this.#write(next);
  }

  /** Writes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    await Promise.all(this.#writing);
  }

  /** Writes what waits, and looks a second later whether there is more. */
  #write(waiting: Waiting): void {
    const { key, task, samples } = waiting;
    waiting.samples = [];
    const writing: Promise<void> = this.#add(task, waiting.steps, samples)
      .catch((error: unknown) => {
        if (!this.#closed) this.#log.debug({ error, task }, "How long runs of a task took could not be noted.");
      })
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
    waiting.timer = setTimeout(() => {
      if (waiting.samples.length > 0) this.#write(waiting);
      else this.#waiting.delete(key);
    }, EVERY_MS).unref();
  }

  async #add(task: string, steps: readonly string[], samples: readonly Sample[]): Promise<void> {
    const history = withSamples(await this.#store.estimates.history(task), steps, samples);
    await this.#store.estimates.keepHistory(task, history);
    this.#known.set(task, history);
  }
}
