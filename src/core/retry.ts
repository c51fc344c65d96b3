import { type Duration, milliseconds } from "./duration.ts";

/** How often and how soon a failed attempt is tried again. A plain number is `times` with the other defaults. */
export type Retries =
  | number
  | {
      /** Attempts after the first. */
      readonly times: number;
      /** Wait before the second attempt; doubles each time. 1 s by default. */
      readonly delay?: Duration;
      /** Longest wait. 10 min by default. */
      readonly max?: Duration;
    };

export interface RetryPolicy {
  readonly maxAttempts: number;
  /** Wait in ms before the attempt that follows `attempt` (1-based). `random` is in [0, 1). */
  backoff(attempt: number, random?: number): number;
}

/** Attempts must fit in every database's integer. */
const MOST_RETRIES = 1_000_000;

/** Exponential backoff; each wait lies between half and all of its step, so that a crowd of failures does not come back as a crowd. */
export function retryPolicy(retries: Retries = 0): RetryPolicy {
  const options = typeof retries === "number" ? { times: retries } : retries;
  if (!Number.isSafeInteger(options.times) || options.times < 0 || options.times > MOST_RETRIES) {
    throw new RangeError(`retries must be a whole number from 0 to ${MOST_RETRIES}, but is ${String(options.times)}.`);
  }
  const first = milliseconds("retries.delay", options.delay ?? "1s");
  const max = milliseconds("retries.max", options.max ?? "10m");
  return {
    maxAttempts: options.times + 1,
    backoff(attempt, random = Math.random()) {
      const step = Math.min(max, first * 2 ** Math.min(attempt - 1, 40));
      return Math.round(step * (0.5 + random / 2));
    },
  };
}
