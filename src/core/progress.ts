import type { Run } from "./run.ts";
import { ownSteps } from "./steps.ts";

type Counted = Pick<Run, "state" | "completedSteps" | "totalSteps"> & Partial<Pick<Run, "steps" | "step" | "stepFrom">>;

/**
 * How far a run is, as a whole number from 0 to 100, by the weights of its named steps where it has any. A run that succeeded is at 100
 * whatever it counted, and only such a run is: a bar that stands at 100 % while work goes on teaches its user not to believe it.
 */
export function percentage(run: Counted): number {
  if (run.state === "succeeded") return 100;
  return Math.min(99, Math.floor(share(run) * 100));
}

/** The part that is done, from 0 to 1. */
function share({ completedSteps, totalSteps, steps, step = 0, stepFrom = 0 }: Counted): number {
  if (!steps) return totalSteps <= 0 ? 0 : completedSteps / totalSteps;
  const own = ownSteps(steps, { step, stepFrom, totalSteps });
  const within = own === 0 ? 0 : Math.min(1, Math.max(0, (completedSteps - stepFrom) / own));
  let done = 0;
  let all = 0;
  for (const [place, { weight }] of steps.entries()) {
    all += weight;
    done += place < step ? weight : place === step ? weight * within : 0;
  }
  return done / all;
}

/** Refuses what cannot be a count of steps. Throws RangeError naming the value. */
export function checkSteps(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} must be a whole number of 0 or more, but is ${String(value)}.`);
  }
  return value;
}
