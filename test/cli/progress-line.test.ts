import { expect, test } from "vitest";
import { progressLine } from "../../src/cli/progress-line.ts";
import type { Run } from "../../src/index.ts";

const run: Run = {
  id: "01a1fd0d-3efd-73db-a525-5bb867912ade",
  rev: 3,
  task: "write",
  name: "A letter",
  owner: "alice",
  queue: "default",
  priority: 0,
  state: "in_progress",
  stateText: "Writing\u001b[2J the \u202esecond page",
  completedSteps: 2,
  steps: null,
  step: 0,
  stepFrom: 0,
  stepStarted: null,
  totalSteps: 4,
  attempt: 1,
  maxAttempts: 3,
  result: null,
  error: null,
  parent: null,
  rerunOf: null,
  runAt: 0,
  created: 0,
  modified: 0,
  started: 0,
  ended: null,
  kind: null,
  root: null,
};
const say = (message: NonNullable<Run["stateText"]>) => (typeof message === "string" ? message : message.key);

test("a terminal gets a bar that fits its width", () => {
  expect(progressLine(run, say, 80)).toBe("████████████░░░░░░░░░░░░  50 %  In Progress  2/4  Writing the  second page");
  expect([...progressLine(run, say, 40)]).toHaveLength(39);
  expect(progressLine({ ...run, completedSteps: 4, state: "succeeded" }, say, 80)).toMatch(/^█{24} 100 %/);
});

test("a pipe gets words, with the attempt once there is more than one", () => {
  expect(progressLine(run, say)).toBe("50 %  In Progress  2/4  Writing the  second page");
  expect(progressLine({ ...run, attempt: 2, stateText: null }, say)).toBe("50 %  In Progress  2/4  attempt 2  A letter");
  const failed: Run = { ...run, state: "failed", error: { code: "user", message: "There is no paper." } };
  expect(progressLine(failed, say)).toBe("50 %  Failed  2/4  There is no paper.");
});
