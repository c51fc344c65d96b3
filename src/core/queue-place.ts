import type { Span } from "./estimate.ts";

/** Where a waiting run stands. */
export interface QueuePlace {
  /** Runs of its queue that are taken before it. */
  readonly ahead: number;
  /** There are more than `ahead` says; how many, nobody has counted. */
  readonly isMore: boolean;
  /** In how many ms it will begin; null while there is nothing to tell it from. */
  readonly startsIn: Span | null;
}

/** With fewer runs to go by, nothing is said. */
const FEWEST_ENDED = 5;
/** Standard deviations on either side: 9 of 10 lie between. */
const DEVIATIONS = 1.64;

/**
 * In how many ms a run begins that so many are before, if runs go on ending as they did lately: each that ends makes room for the next.
 * Ends come at random, so the fewer of them there were and are to come, the wider the range. Null where too few ended to tell.
 *
 * @param pace how many have ended, and in how many ms
 */
export function startsIn(ahead: number, pace: { ended: number; span: number }): Span | null {
  if (pace.ended < FEWEST_ENDED || pace.span <= 0) return null;
  const toCome = ahead + 1;
  const mean = (toCome * pace.span) / pace.ended;
  const off = DEVIATIONS * Math.sqrt(1 / toCome + 1 / pace.ended);
  return { from: mean / (1 + off) ** 2, to: mean * (1 + off) };
}
