import fc from "fast-check";
import { expect, test } from "vitest";
import { checkSteps, percentage } from "../../src/core/progress.ts";
import { type State, states } from "../../src/core/states.ts";

const run = (state: State, completedSteps: number, totalSteps: number) => ({ state, completedSteps, totalSteps });

test.each([
  [run("in_progress", 0, 3), 0],
  [run("in_progress", 1, 3), 33],
  [run("in_progress", 2, 3), 66],
  [run("in_progress", 3, 3), 99],
  [run("succeeded", 3, 3), 100],
  [run("succeeded", 0, 3), 100],
  [run("failed", 3, 3), 99],
  [run("canceled", 1, 2), 50],
  [run("in_progress", 0, 0), 0],
  [run("succeeded", 0, 0), 100],
  [run("in_progress", 40_000, 100_000), 40],
  [run("in_progress", Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER), 99],
])("%j is at %d %%", (given, expected) => {
  expect(percentage(given)).toBe(expected);
});

test("it is a whole number from 0 to 100, never falls as steps are done, and is 100 for success alone", () => {
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(1000), (state, one, other, more) => {
      const total = Math.max(one, other);
      const before = percentage(run(state, Math.min(one, other), total));
      const after = percentage(run(state, Math.min(total, Math.min(one, other) + more), total));
      expect(Number.isInteger(before)).toBe(true);
      expect(before).toBeGreaterThanOrEqual(0);
      expect(before === 100).toBe(state === "succeeded");
      expect(after).toBeGreaterThanOrEqual(before);
    }),
  );
});

test.each([0, 1, Number.MAX_SAFE_INTEGER])("%d is a count of steps", (value) => {
  expect(checkSteps("Steps", value)).toBe(value);
});

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("%d is none, and the error says so", (value) => {
  expect(() => checkSteps("The number of steps", value)).toThrow(new RangeError(`The number of steps must be a whole number of 0 or more, but is ${value}.`));
});

test("a text is no count of steps", () => {
  expect(() => checkSteps("Steps", "3" as never)).toThrow("but is 3.");
});
