import type { Run } from "../core/run.ts";

/** Longest time between two looks at a run that begins later, s. */
const LONGEST = 30;

/** In how many seconds to look at the run again: often while it is young, every 10 s when it is old, less often while it waits for its time; null once it has ended. */
export function retryAfter(run: Run, now: number): number | null {
  if (run.ended !== null) return null;
  const untilItsTime = run.state === "pending" ? Math.min(LONGEST, Math.ceil((run.runAt - now) / 1000)) : 0;
  return Math.max(refreshAfter(now - run.created), untilItsTime);
}

/** Seconds: 1 for a run that is younger than 10 s, one more for each 10 s of its age, 10 at most. */
export function refreshAfter(age: number): number {
  return Math.min(10, Math.max(1, Math.ceil(age / 10_000)));
}
