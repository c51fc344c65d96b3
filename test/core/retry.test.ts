import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryPolicy } from "../../src/core/retry.ts";

/** The longest that a wait may be: `random` just below 1. */
const most = 1 - Number.EPSILON;

test("nothing is tried again unless it was asked for", () => {
  expect(retryPolicy().maxAttempts).toBe(1);
  expect(retryPolicy(3).maxAttempts).toBe(4);
  expect(retryPolicy({ times: 2 }).maxAttempts).toBe(3);
});

test("waits double from one second up to ten minutes", () => {
  const { backoff } = retryPolicy(20);
  expect([1, 2, 3, 4].map((attempt) => backoff(attempt, most))).toEqual([1000, 2000, 4000, 8000]);
  expect(backoff(20, most)).toBe(600_000);
  expect(backoff(1_000_000, most)).toBe(600_000);
});

test("the first wait and the longest one can be set", () => {
  const { backoff } = retryPolicy({ times: 9, delay: "50ms", max: "1s" });
  expect([1, 2, 5, 6].map((attempt) => backoff(attempt, most))).toEqual([50, 100, 800, 1000]);
  expect(retryPolicy({ times: 1, delay: 0 }).backoff(1)).toBe(0);
});

test("a wait lies between half and all of its step, in whole ms", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.double({ min: 0, max: most, noNaN: true }),
      (attempt, first, random) => {
        const wait = retryPolicy({ times: 1, delay: first, max: 60_000 }).backoff(attempt, random);
        const step = Math.min(60_000, first * 2 ** (attempt - 1));
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(step / 2));
        expect(wait).toBeLessThanOrEqual(Math.ceil(step));
      },
    ),
  );
});

test("waits differ, so that a crowd does not come back as a crowd", () => {
  const { backoff } = retryPolicy(1);
  expect(new Set(Array.from({ length: 50 }, () => backoff(1))).size).toBeGreaterThan(10);
});

describe("refused", () => {
  test.each([-1, 0.5, Number.NaN, 1_000_001, "3"])("%j retries", (times) => {
    expect(() => retryPolicy(times as number)).toThrow(RangeError);
    expect(() => retryPolicy({ times: times as number })).toThrow(`retries must be a whole number from 0 to 1000000, but is ${times}.`);
  });

  test("waits that cannot be read", () => {
    expect(() => retryPolicy({ times: 1, delay: "soon" as "1s" })).toThrow('retries.delay must be a number of ms or a text such as "500ms"');
    expect(() => retryPolicy({ times: 1, max: -1 })).toThrow("retries.max must be");
  });
});
