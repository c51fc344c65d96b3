import fc from "fast-check";
import { expect, test } from "vitest";
import { iso } from "../../src/core/iso.ts";

test("a time is written as Date writes it, whatever was asked before", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.integer({ min: 1.7e12, max: 1.7e12 + 1e9 })), { minLength: 1 }), (times) => {
      for (const time of times) expect(iso(time)).toBe(new Date(time).toISOString());
    }),
  );
});

test("the ends of days, hours and seconds", () => {
  const midnight = Date.UTC(2026, 4, 3);
  for (const past of [-1, 0, 1, 9, 10, 99, 100, 999, 1000, 59_999, 60_000, 3_599_999, 3_600_000, 86_399_999, 86_400_000]) {
    expect(iso(midnight + past)).toBe(new Date(midnight + past).toISOString());
  }
  expect([iso(0), iso(-1), iso(1.9)]).toEqual(["1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.001Z"]);
});

test("what is no time is refused, and is not taken for a day that was asked for", () => {
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1]) {
    expect(() => iso(time)).toThrow(RangeError);
    expect(() => iso(time)).toThrow(RangeError);
  }
});
