import prometheus, { type Registry } from "prom-client";
import type { AttemptEnd, Observer } from "../core/observer.ts";
import type { Run } from "../core/run.ts";
import type { Stray } from "../core/store.ts";
import { BoundedNames } from "./bounded-names.ts";

/** Most tasks that have a label of their own. */
const TASKS = 200;
/** From 5 ms to an hour, seconds: users wait for both. */
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** Counts what this process does with runs; the sum over all processes is what the installation does. */
export class RunMetrics implements Observer {
  readonly #tasks = new BoundedNames(TASKS);
  readonly #began = new Map<string, number>();
  readonly #started;
  readonly #refused;
  readonly #ended;
  readonly #attempts;
  readonly #retries;
  readonly #swept;
  readonly #redispatched;
  readonly #underWay;
  readonly #wait;
  readonly #duration;

  constructor(register: Registry) {
    const registers = [register];
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) => new prometheus.Counter({ name, help, labelNames, registers });
    this.#started = counter("errand_runs_started_total", "Runs that were delayed here.", "task");
    this.#refused = counter("errand_runs_refused_total", "Delays that failed before anything was stored, such as for a bad input.", "task");
    this.#ended = counter("errand_runs_ended_total", "Runs whose end was written here: by an attempt, a cancel or the sweep.", "task", "state");
    this.#attempts = counter("errand_attempts_total", "Attempts that this process performed, by the state that they left the run in.", "task", "state");
    this.#retries = counter("errand_retries_total", "Runs sent into another attempt, by why.", "task", "reason");
    this.#swept = counter("errand_swept_total", "Runs that the sweep of this process mended.", "kind");
    this.#redispatched = counter("errand_redispatched_total", "Deliveries that the sweep of this process sent again.");
    this.#underWay = new prometheus.Gauge({
      name: "errand_attempts_under_way",
      help: "Attempts that this process performs now, or whose end it is recording.",
      labelNames: ["task"],
      registers,
    });
    const histogram = (name: string, help: string) => new prometheus.Histogram({ name, help, labelNames: ["task"], buckets: BUCKETS, registers });
    this.#wait = histogram("errand_wait_seconds", "From when an attempt was due to when it began, by the store's clock.");
    this.#duration = histogram("errand_attempt_seconds", "How long attempts took.");
  }

  delayed({ task }: Run): void {
    this.#started.inc({ task: this.#tasks.name(task) });
  }

  refused(task: string): void {
    this.#refused.inc({ task: this.#tasks.name(task) });
  }

  claimed(run: Run): void {
    const task = this.#tasks.name(run.task);
    this.#began.set(attemptKey(run), performance.now());
    this.#underWay.inc({ task });
    // The claim was the last write, so `modified` is when it was.
    this.#wait.observe({ task }, Math.max(0, run.modified - Math.max(run.created, run.runAt)) / 1000);
  }

  settled(run: Run, { outcome, run: left }: AttemptEnd): void {
    const task = this.#tasks.name(run.task);
    const began = this.#began.get(attemptKey(run)) ?? performance.now();
    this.#began.delete(attemptKey(run));
    this.#underWay.dec({ task });
    this.#duration.observe({ task }, (performance.now() - began) / 1000);
    this.#attempts.inc({ task, state: left?.state ?? "lost" });
    if (left?.state === "retrying") this.#retries.inc({ task, reason: outcome === "threw" ? "failed" : outcome });
  }

  ended({ task, state }: Run): void {
    this.#ended.inc({ task: this.#tasks.name(task), state });
  }

  swept(kind: Stray["kind"], { task, state }: Run): void {
    this.#swept.inc({ kind });
    if (state === "retrying") this.#retries.inc({ task: this.#tasks.name(task), reason: "swept" });
  }

  redispatched(count: number): void {
    this.#redispatched.inc(count);
  }
}

/** A run that was lost here may be claimed here again while the old attempt has not noticed yet. */
function attemptKey({ id, attempt }: Run): string {
  return `${id}-${attempt}`;
}
