const LONGEST_MS = 2 ** 31 - 1;

/** The span as a timer takes it, ms: Node fires at once for one that does not fit in 31 bits. */
export function timerSpan(ms: number): number {
  return Math.min(ms, LONGEST_MS);
}
