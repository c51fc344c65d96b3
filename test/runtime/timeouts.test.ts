import { expect, test } from "vitest";
import { TaskTimeoutError } from "../../src/core/errors.ts";
import type { TaskContext } from "../../src/index.ts";
import { fakeClock, inlineErrand } from "../../src/testing/index.ts";
import { aborted, gate, keptLog, openErrand, until, untilEnded } from "./fixture.ts";

test("an attempt that takes too long ends in words, even when its task ignores the signal", async () => {
  const errand = openErrand();
  const task = errand.task({ name: "hangs", timeout: "150ms", run: () => new Promise<null>(() => {}) });
  const run = await task.delay(null);
  expect(run.run).toMatchObject({ state: "failed", error: { code: "timeout" } });
  await expect(run.result()).rejects.toThrow("This took longer than 150 ms and was stopped.");
});

test("a task that heeds its signal at once has timed out all the same, and did not break", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const reasons: Error[] = [];
  const task = errand.task({
    name: "heeds",
    timeout: "100ms",
    run: (_, { signal }) =>
      new Promise<null>((_done, failed) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason as Error);
          failed(signal.reason);
        });
      }),
  });
  const run = await task.delay(null);
  expect(reasons).toEqual([expect.any(TaskTimeoutError)]);
  expect(reasons[0]?.message).toBe(`Attempt 1 of run ${run.id} has used up its 100 ms.`);
  expect(run.run).toMatchObject({ state: "failed", error: { code: "timeout" } });
});

test("another attempt follows when one is left, and the late one can write no more", async () => {
  const clock = fakeClock({ patience: 20 });
  await using errand = inlineErrand({ clock });
  const late = gate<TaskContext>();
  const task = errand.task({
    name: "slow",
    timeout: "1s",
    retries: { times: 1, delay: 0 },
    run: async (_, context) => {
      if (context.attempt === 2) return "second";
      await context.status.setState("first");
      late.open(context);
      return new Promise<string>(() => {});
    },
  });
  const run = await task.start(null);
  const { status, artifacts } = await late.opened;
  const retrying = until(errand, run.id, ({ state }) => state === "retrying");
  await clock.advance("1s");
  expect(errand.render((await retrying).stateText ?? "", "en")).toBe("This took longer than 1 s; retrying, attempt 2 of 2.");
  expect(await run.result()).toBe("second");
  expect(() => status.setState("late")).toThrow(TaskTimeoutError);
  expect(() => status.incrementCompletedSteps()).toThrow(TaskTimeoutError);
  await expect(artifacts.text("late")).rejects.toThrow(TaskTimeoutError);
  expect(await errand.artifacts.list([run.id])).toEqual([]);
  expect(await errand.get(run.id)).toMatchObject({ state: "succeeded", stateText: null, result: "second" });
});

test("a timeout in a run that is being canceled ends it as canceled", async () => {
  const clock = fakeClock({ patience: 20 });
  await using errand = inlineErrand({ clock });
  const begun = gate<TaskContext>();
  const task = errand.task({
    name: "deaf",
    timeout: "1s",
    run: (_, context) => {
      begun.open(context);
      return new Promise<null>(() => {});
    },
  });
  const run = await task.start(null);
  const { signal } = await begun.opened;
  await run.cancel();
  await aborted(signal);
  await clock.advance("1s");
  expect(await untilEnded(errand, run.id)).toMatchObject({ state: "canceled" });
});
