import fc from "fast-check";
import { expect, test } from "vitest";
import { percentage } from "../../src/core/progress.ts";
import { checklist, namedSteps, type StepOption, stepPlace } from "../../src/core/steps.ts";
import { ConfigurationError } from "../../src/index.ts";

const steps = namedSteps("t", [{ label: "Read" }, { label: { key: "app.draw" }, weight: 8 }, { label: "Store" }]);

test.each([
  [[{ label: "" }], "Step 1 of task t needs a label"],
  [[{ label: 3 as never }], "Step 1 of task t needs a label"],
  [[{ label: "a" }, { label: "b", weight: 0 }], 'The weight of step "b" of task t must be a number above 0, but is 0.'],
  [[{ label: "a", weight: Number.NaN }], "but is NaN."],
  [[{ label: "a", weight: Number.POSITIVE_INFINITY }], "but is Infinity."],
  [[{ label: "a" }, { label: { key: "a" } }], 'Two steps of task t are labeled "a".'],
  [Array.from({ length: 51 }, (_, index) => ({ label: `s${index}` })), "Task t has 51 steps; 50 is the most."],
] as [StepOption[], string][])("steps that cannot be are refused: %j", (options, message) => {
  expect(() => namedSteps("t", options)).toThrow(ConfigurationError);
  expect(() => namedSteps("t", options)).toThrow(message);
});

test("a task without steps has none, whichever way it says so", () => {
  expect(namedSteps("t", undefined)).toBeNull();
  expect(namedSteps("t", [])).toBeNull();
});

test("a step is found by its number from 1, its text or its key", () => {
  expect([1, 2, 3].map((number) => stepPlace(steps, number))).toEqual([0, 1, 2]);
  expect(["Read", "app.draw", "Store"].map((label) => stepPlace(steps, label))).toEqual([0, 1, 2]);
  for (const unknown of [0, 4, 1.5, "read"]) expect(() => stepPlace(steps, unknown)).toThrow(/There is no step .*1 "Read", 2 "app.draw", 3 "Store"/);
  expect(() => stepPlace(null, 1)).toThrow("the task names none");
});

test("the checklist follows the state", () => {
  const lines = (state: Parameters<typeof checklist>[0]["state"], attempt: number, step: number) =>
    checklist({ state, attempt, steps, step }).map((line) => line.state);
  expect(lines("pending", 0, 0)).toEqual(["waiting", "waiting", "waiting"]);
  expect(lines("in_progress", 1, 0)).toEqual(["current", "waiting", "waiting"]);
  expect(lines("in_progress", 1, 1)).toEqual(["done", "current", "waiting"]);
  expect(lines("failed", 1, 2)).toEqual(["done", "done", "current"]);
  expect(lines("succeeded", 1, 0)).toEqual(["done", "done", "done"]);
  expect(checklist({ state: "in_progress", attempt: 1, steps: null, step: 0 })).toEqual([]);
});

test("weights make the percentage, with what is counted within the step under way", () => {
  const at = (step: number, stepFrom: number, completedSteps: number, totalSteps: number) =>
    percentage({ state: "in_progress", steps, step, stepFrom, completedSteps, totalSteps });
  expect(at(0, 0, 0, 3)).toBe(0);
  expect(at(1, 1, 1, 3)).toBe(10);
  expect(at(1, 1, 51, 102)).toBe(50);
  expect(at(2, 101, 101, 102)).toBe(90);
  expect(at(2, 101, 102, 102)).toBe(99);
  expect(percentage({ state: "succeeded", steps, step: 0, stepFrom: 0, completedSteps: 3, totalSteps: 3 })).toBe(100);
});

test("it stays from 0 to 99 whatever a row may hold, and never falls as steps are completed", () => {
  const number = fc.nat(1000);
  fc.assert(
    fc.property(fc.nat(2), number, number, number, number, (step, stepFrom, completedSteps, totalSteps, more) => {
      const run = { state: "in_progress" as const, steps, step, stepFrom, totalSteps };
      const before = percentage({ ...run, completedSteps });
      const after = percentage({ ...run, completedSteps: completedSteps + more });
      expect(before).toBeGreaterThanOrEqual(0);
      expect(after).toBeLessThanOrEqual(99);
      expect(after).toBeGreaterThanOrEqual(before);
    }),
  );
});
