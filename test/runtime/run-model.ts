import type fc from "fast-check";
import { expect } from "vitest";
import { inProcess } from "../../src/brokers/in-process.ts";
import { percentage } from "../../src/core/progress.ts";
import type { Run } from "../../src/core/run.ts";
import { type Edge, edges, isEnded } from "../../src/core/states.ts";
import type { Stray } from "../../src/core/store.ts";
import { defineTask } from "../../src/core/task.ts";
import type { Attempt } from "../../src/runtime/attempts/attempt.ts";
import type { LiveStatus } from "../../src/runtime/attempts/status.ts";
import { Writer } from "../../src/runtime/writer.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { keptLog } from "./fixture.ts";

export const LEASE = 100;
export const TIMEOUT = 260;
export const GRACE = 150;
export const BACKOFF = 40;
/** How long a run rests after its worker was lost. */
export const PAUSE = 1000;
export const workers = ["one", "two"] as const;

/** What must be true of a run, kept apart from the store: who holds it, until when, and what it still may do. */
export interface ModelRun {
  state: Run["state"];
  attempt: number;
  maxAttempts: number;
  worker: string | null;
  leaseUntil: number;
  timeoutAt: number;
  cancelRequested: number;
  runAt: number;
}

export interface Model {
  now: number;
  runs: ModelRun[];
}

/** One try as a worker sees it, whether it still holds the run or only thinks so. */
export interface Hold {
  readonly run: number;
  readonly attempt: Attempt;
  readonly status: LiveStatus;
}

export class Real {
  now = 1_000_000;
  readonly store = sqlite({ file: ":memory:", clock: () => this.now });
  readonly log = keptLog();
  readonly broker = inProcess();
  readonly ids: string[] = [];
  readonly holds: Hold[] = [];
  /** Every "run attempt" that a claim was granted for. */
  readonly granted = new Set<string>();
  /** What went wrong where nobody could be told. */
  readonly faults: string[] = [];
  /** What the last look of a sweep saw. */
  strays: Stray[] = [];
  /** The verb of the step under way. */
  by: Edge["by"] = "claim";
  /** Snapshots in the order of their writes. */
  readonly history = new Map<string, Run[]>();
  readonly writer = new Writer(this.store, (run) => this.noted(run));

  noted(run: Run): void {
    const before = this.history.get(run.id)?.at(-1);
    try {
      if (before) checkStep(before, run, this.by);
      checkSnapshot(run);
    } catch (error) {
      this.faults.push(String(error)); // The writer that calls this has nobody to throw to.
    }
    this.history.set(run.id, [...(this.history.get(run.id) ?? []), run]);
  }
}

/** The edges that some walk has taken. */
export const taken = new Set<string>();

/** What holds of every snapshot. */
function checkSnapshot(run: Run): void {
  expect(run.completedSteps).toBeGreaterThanOrEqual(0);
  expect(run.completedSteps).toBeLessThanOrEqual(run.totalSteps);
  expect(percentage(run)).toBeLessThanOrEqual(run.state === "succeeded" ? 100 : 99);
  expect(run.attempt).toBeLessThanOrEqual(run.maxAttempts);
  expect(run.ended !== null).toBe(isEnded(run.state));
  expect(run.error !== null).toBe(run.state === "failed");
}

/** What holds of two snapshots that follow one another. */
function checkStep(before: Run, after: Run, by: Edge["by"]): void {
  expect(isEnded(before.state), `a ${before.state} run moved`).toBe(false);
  expect(after.rev).toBe(before.rev + 1);
  if (after.state !== before.state) {
    expect(edges).toContainEqual(expect.objectContaining({ from: before.state, by, to: after.state }));
    taken.add(`${before.state} ${by} ${after.state}`);
  }
  expect(after.attempt - before.attempt).toBe(after.state === "in_progress" && before.state !== "in_progress" ? 1 : 0);
  if (after.attempt === before.attempt) expect(after.completedSteps).toBeGreaterThanOrEqual(before.completedSteps);
}

export type Step = fc.AsyncCommand<Model, Real>;

export const task = defineTask({ name: "t", timeout: TIMEOUT, retries: { times: 1, delay: 0 }, run: () => null });
