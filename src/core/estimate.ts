import type { Run } from "./run.ts";
import { nameOf } from "./steps.ts";

/** From one time or span to another, ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How long a run took that succeeded. */
export interface Sample {
  /** The steps that it counted. */
  readonly steps: number;
  /** Of its last attempt, ms by named step; one number where there are none. */
  readonly spans: readonly number[];
}

/** What is remembered of the last runs of a task, oldest first. */
export interface History {
  /** Names of the steps that its samples have; empty where there are none. */
  readonly steps: readonly string[];
  readonly samples: readonly Sample[];
}

/** What a store keeps to tell how long a run will take, and when it begins. */
export interface EstimateStore {
  /** Null when nothing was kept of this task. */
  history(task: string): Promise<History | null>;
  keepHistory(task: string, history: History): Promise<void>;
  /**
   * How many due runs of its queue are taken before a waiting one. Only the `most` that come before it in all queues are looked at;
   * `isMore` says that there are others.
   */
  ahead(run: Pick<Run, "id" | "queue" | "priority" | "runAt">, most: number): Promise<{ count: number; isMore: boolean }>;
  /** Of the last `most` runs that ended in the last `within` ms, whoever ended them: how many were of this queue, and how long ago the oldest of all ended, ms. */
  pace(queue: string, options: { within: number; most: number }): Promise<{ ended: number; span: number }>;
}

/** As many runs are remembered of a task: enough to know its ways, few enough to follow when they change. */
export const MOST_SAMPLES = 50;
/** With fewer runs to go by, nothing is said. */
const FEWEST_SAMPLES = 5;

/** The ends of the range, as parts of the runs that are like this one: 9 of 10 lie between them. */
const TAIL = 0.05;
/** How far the range reaches past the shortest and the longest when they are too few to have such ends. */
const STRETCH = 0.5;
/** No run is exactly like another. */
const PAD = 0.05;

/** The history with these samples behind what it had; anew when the steps of the task have changed. */
export function withSamples(history: History | null, steps: readonly string[], samples: readonly Sample[]): History {
  const known = history && isOf(history, steps) ? history.samples : [];
  return { steps, samples: [...known, ...samples].slice(-MOST_SAMPLES) };
}

/**
 * How long a run under way will still take, from the runs of the same task that had not ended either after as long in the same step: so
 * it tells also of a task that takes now short, now long. Null when there are too few to tell from, or the run is not under way.
 *
 * @param at the time for which it is told, ms since 1970 by the store's clock
 */
export function remaining(history: History | null, run: Pick<Run, "state" | "steps" | "step" | "stepStarted" | "totalSteps">, at: number): Span | null {
  if (history === null || run.state !== "in_progress" || run.stepStarted === null) return null;
  if (!isOf(history, stepNames(run))) return null;
  const elapsed = Math.max(0, at - run.stepStarted);
  const left = fitted(history, run)
    .filter((spans) => (spans[run.step] ?? 0) > elapsed)
    .map((spans) => spans.slice(run.step).reduce((sum, span) => sum + span, -elapsed))
    .sort((one, other) => one - other);
  return left.length < FEWEST_SAMPLES ? null : rangeOf(left);
}

/** The names by which a history knows the steps of a run. */
export function stepNames({ steps }: Pick<Run, "steps">): readonly string[] {
  return steps?.map(({ label }) => nameOf(label)) ?? [];
}

function isOf(history: History, steps: readonly string[]): boolean {
  return history.steps.length === steps.length && steps.every((name, place) => history.steps[place] === name);
}

/** The spans of each sample: brought to as many steps as this run counts, where runs of this task take the longer the more they count. */
function fitted({ steps, samples }: History, { totalSteps }: Pick<Run, "totalSteps">): readonly (readonly number[])[] {
  const plain = samples.map(({ spans }) => spans);
  if (steps.length > 0 || totalSteps <= 1 || samples.some((sample) => sample.steps < 1)) return plain;
  const scaled = samples.map(({ spans, steps: counted }) => spans.map((span) => (span * totalSteps) / counted));
  return spread(scaled) < spread(plain) ? scaled : plain;
}

/** How far spans differ, whatever their size. */
function spread(all: readonly (readonly number[])[]): number {
  const logs = all.map(([span = 0]) => Math.log(Math.max(1, span)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
}

/** @param sorted at least one */
function rangeOf(sorted: readonly number[]): Span {
  const rank = TAIL * (sorted.length + 1);
  const stretch = (1 + PAD) * (rank < 1 ? 1 + STRETCH * (1 - rank) : 1);
  return { from: quantile(sorted, rank) / stretch, to: quantile(sorted, sorted.length + 1 - rank) * stretch };
}

/** The value at a rank, from 1, between two where it lies between them. */
function quantile(sorted: readonly number[], rank: number): number {
  const place = Math.min(Math.max(rank, 1), sorted.length) - 1;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place % 1);
}
