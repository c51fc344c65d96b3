import { expect, test } from "vitest";
import { checklist, nameOf, type StepOption } from "../../../src/core/steps.ts";
import type { Status, TaskContext } from "../../../src/core/task.ts";
import { percentage, type Run } from "../../../src/index.ts";
import { gate, openErrand, until } from "../fixture.ts";

const steps: StepOption[] = [{ label: "Read" }, { label: "Draw", weight: 8 }, { label: "Store" }];
const shown = (run: Run) => `${checklist(run).map(({ label, state }) => `${nameOf(label)} ${state}`)} ${percentage(run)} %`;

/** What somebody who looks on sees each time that the task stops, having done `moves`, until it has ended. */
async function looksOn(moves: readonly ((status: Status) => Promise<void>)[], options: { steps?: StepOption[] } = { steps }): Promise<string[]> {
  const errand = openErrand();
  let go = gate();
  const task = errand.task({
    name: "t",
    ...options,
    run: async (_, { status }) => {
      for (const [index, move] of moves.entries()) {
        await move(status);
        await status.setState(`Move ${index + 1}`);
        await go.opened;
        go = gate();
      }
    },
  });
  const run = await task.start(null);
  const seen: string[] = [];
  for (const index of moves.keys()) {
    seen.push(shown(await until(errand, run.id, ({ stateText }) => stateText === `Move ${index + 1}`)));
    go.open();
  }
  seen.push(shown(await run.ended()));
  return seen;
}

test("the task says which step begins, by label or number; those before it are done", async () => {
  const seen = await looksOn([
    async () => undefined,
    (status) => status.startStep("Draw", { steps: 4 }),
    (status) => status.incrementCompletedSteps(),
    (status) => status.incrementCompletedSteps(9),
    (status) => status.startStep(3),
  ]);
  expect(seen).toEqual([
    "Read current,Draw waiting,Store waiting 0 %",
    "Read done,Draw current,Store waiting 10 %",
    "Read done,Draw current,Store waiting 30 %",
    "Read done,Draw current,Store waiting 90 %",
    "Read done,Draw done,Store current 90 %",
    "Read done,Draw done,Store done 100 %",
  ]);
});

test("without that, a step whose count is full gives way to the next", async () => {
  const seen = await looksOn([
    (status) => status.incrementCompletedSteps(),
    (status) => status.incrementCompletedSteps(),
    (status) => status.incrementCompletedSteps(5),
  ]);
  expect(seen).toEqual([
    "Read done,Draw current,Store waiting 10 %",
    "Read done,Draw done,Store current 90 %",
    "Read done,Draw done,Store current 99 %",
    "Read done,Draw done,Store done 100 %",
  ]);
});

test("steps may be left out, and more may come to light within one", async () => {
  const seen = await looksOn([
    (status) => status.startStep("Store", { steps: 2 }),
    async (status) => {
      await status.incrementCompletedSteps();
      await status.incrementTotalSteps(2);
    },
    (status) => status.startStep("Store"),
  ]);
  expect(seen).toEqual([
    "Read done,Draw done,Store current 90 %",
    "Read done,Draw done,Store current 92 %",
    "Read done,Draw done,Store current 92 %",
    "Read done,Draw done,Store done 100 %",
  ]);
});

test("a loop counts within the step that it is in", async () => {
  const errand = openErrand();
  const go = gate();
  const task = errand.task({
    name: "t",
    steps,
    run: async (_, { status, each }) => {
      await status.startStep("Draw");
      await each([1, 2, 3, 4], async (item) => {
        if (item === 3) await status.setState("At the third").then(() => go.opened);
      });
      await status.startStep("Store");
    },
  });
  const run = await task.start(null);
  expect(shown(await until(errand, run.id, ({ stateText }) => stateText === "At the third"))).toBe("Read done,Draw current,Store waiting 50 %");
  go.open();
  await run.ended();
  expect(run.run).toMatchObject({ state: "succeeded", step: 2, stepFrom: 5, completedSteps: 6, totalSteps: 6 });
});

test("a new attempt begins with the first step", async () => {
  const errand = openErrand();
  const seen: string[] = [];
  const go = gate();
  const task = errand.task({
    name: "t",
    steps,
    retries: { times: 1, delay: 0 },
    run: async (_, { status, attempt }: TaskContext) => {
      if (attempt === 1) {
        await status.startStep("Store");
        throw new Error("So that there is another attempt.");
      }
      await status.setState("Again");
      await go.opened;
    },
  });
  const run = await task.start(null);
  seen.push(shown(await until(errand, run.id, ({ stateText, attempt }) => stateText === "Again" && attempt === 2)));
  go.open();
  await run.ended();
  expect(seen).toEqual(["Read current,Draw waiting,Store waiting 0 %"]);
});

test("the time at which a step began is the store's, and each step begins after the one before it", async () => {
  const errand = openErrand();
  const task = errand.task({
    name: "t",
    steps,
    run: async (_, { status }) => {
      await status.startStep("Draw");
      await status.startStep("Store");
    },
  });
  const { run } = await task.delay(null);
  expect(run.stepStarted).toBeGreaterThanOrEqual(run.started as number);
  expect(run.stepStarted).toBeLessThanOrEqual(run.ended as number);
  const plain = await errand.task({ name: "plain", run: () => null }).delay(null);
  expect(plain.run).toMatchObject({ steps: null, step: 0, stepFrom: 0, stepStarted: plain.run.started });
});

test.each([
  [(status: Status) => status.startStep("Drew"), 'There is no step "Drew". The task has these: 1 "Read", 2 "Draw", 3 "Store".'],
  [(status: Status) => status.startStep(4), "There is no step 4."],
  [(status: Status) => status.startStep("Read"), 'Step "Read" is past: the run is at step 2, "Draw". Steps only go forward within an attempt.'],
  [(status: Status) => status.startStep("Store", { steps: -1 }), 'The number of steps of step "Store" must be a whole number of 0 or more, but is -1.'],
])("what cannot be begun is refused (%#)", async (begin, message) => {
  const errand = openErrand();
  let said: unknown;
  const task = errand.task({
    name: "t",
    steps,
    run: async (_, { status }) => {
      await status.startStep("Draw");
      try {
        await begin(status);
      } catch (error) {
        said = error;
      }
    },
  });
  await task.delay(null);
  expect(said).toBeInstanceOf(RangeError);
  expect(String(said)).toContain(message);
});

test("a task names its steps or computes how many there are, not both; and one without names has none to begin", async () => {
  const errand = openErrand();
  expect(() => errand.task({ name: "both", steps, calculateTotalSteps: () => 3, run: () => null })).toThrow(
    "Task both has both steps and calculateTotalSteps.",
  );
  let said = "";
  const task = errand.task({
    name: "none",
    run: async (_, { status }) => {
      try {
        await status.startStep("Read");
      } catch (error) {
        said = String(error);
      }
    },
  });
  await task.delay(null);
  expect(said).toContain("the task names none");
});
