import { type Duration, milliseconds } from "../../core/duration.ts";

export interface KeyOptions {
  /** Whose runs are found: only this owner's (the default), or everybody's. */
  readonly scope?: "owner" | "shared";
  readonly owner?: string | null;
  /** Names of query parameters that do not matter, such as "gclid" or "utm_*". */
  readonly ignoreParams?: readonly string[];
}

export interface CachePolicy {
  /** How long a result is good. 1 day by default. */
  readonly maxAge?: Duration;
  /** How long after that it is still served while a new one is made. Not at all by default. */
  readonly staleWhileRevalidate?: Duration;
  /** How long after a failure the next request may begin again. 10 s by default, doubling with every further failure, 10 min at most. */
  readonly backoff?: Duration | ((failures: number) => Duration);
}

/** All in ms. */
export interface Policy {
  readonly maxAge: number;
  readonly staleWhileRevalidate: number;
  backoff(failures: number): number;
}

const LONGEST_BACKOFF_MS = 600_000;

/** @throws RangeError naming the option */
export function cachePolicy({ maxAge = "1d", staleWhileRevalidate = 0, backoff = doubling }: CachePolicy): Policy {
  return {
    maxAge: maxAge === Number.POSITIVE_INFINITY ? maxAge : milliseconds("maxAge", maxAge),
    staleWhileRevalidate: milliseconds("staleWhileRevalidate", staleWhileRevalidate),
    backoff: (failures) => milliseconds("backoff", typeof backoff === "function" ? backoff(failures) : backoff),
  };
}

function doubling(failures: number): number {
  return Math.min(LONGEST_BACKOFF_MS, 10_000 * 2 ** (failures - 1));
}
