import fc from "fast-check";
import { expect, test } from "vitest";
import { type Duration, milliseconds } from "../../src/core/duration.ts";

test.each<[Duration, number]>([
  [0, 0],
  [1.5, 2],
  ["0ms", 0],
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5s", 1500],
  ["10m", 600_000],
  ["1h", 3_600_000],
  ["30d", 2_592_000_000],
  ["2.3h", 8_280_000],
  ["1.1d", 95_040_000],
  ["1.005s", 1005],
])("%j is %d ms", (duration, expected) => {
  expect(milliseconds("timeout", duration)).toBe(expected);
});

test.each(["", "10", "10 s", "s", "-5s", "1e3s", "10S", "10min", "1.s", ".5s", "5s\n", -1, Number.NaN, Number.POSITIVE_INFINITY, null, {}])(
  "%j is refused with its name",
  (duration) => {
    const said = () => milliseconds("timeout of task export", duration as Duration);
    expect(said).toThrow(RangeError);
    expect(said).toThrow(
      `timeout of task export must be a number of ms or a text such as "500ms", "30s", "10m", "1h" or "30d", but is ${JSON.stringify(duration)}.`,
    );
  },
);

test("any text is either read as a finite span or refused", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.nat(), fc.constantFrom("ms", "s", "m", "h", "d", "w", "")).map(([count, unit]) => `${count}${unit}`),
      ),
      (text) => {
        try {
          expect(milliseconds("x", text as Duration)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      },
    ),
  );
});
