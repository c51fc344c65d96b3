import type { Run } from "./run.ts";

/**
 * How far a run is, as a whole number from 0 to 100. A run that succeeded is at 100 whatever it counted, and only such a run is:
 * a bar that stands at 100 % while work goes on teaches its user not to believe it.
 */
export function percentage(run: Pick<Run, "state" | "completedSteps" | "totalSteps">): number {
  if (run.state === "succeeded") return 100;
  if (run.totalSteps <= 0) return 0;
  return Math.min(99, Math.floor((run.completedSteps / run.totalSteps) * 100));
}

/** Refuses what cannot be a count of steps. Throws RangeError naming the value. */
export function checkSteps(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} must be a whole number of 0 or more, but is ${String(value)}.`);
  }
  return value;
}
