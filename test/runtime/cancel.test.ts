import { expect, test } from "vitest";
import { TaskCanceledError, UserError } from "../../src/core/errors.ts";
import type { Run, TaskContext } from "../../src/index.ts";
import { fakeClock, inlineErrand } from "../../src/testing/index.ts";
import { freshDatabase } from "../support/temp.ts";
import { aborted, gate, keptLog, openErrand, until, untilEnded } from "./fixture.ts";

test("a waiting run is canceled at once and never begun", async () => {
  const errand = openErrand({ broker: "database", worker: false });
  const begun: string[] = [];
  const task = errand.task({ name: "t", run: (_, { runId }) => void begun.push(runId) });
  const run = await task.delay(null);
  expect(await run.cancel()).toMatchObject({ state: "canceled", attempt: 0, started: null, ended: expect.any(Number) });
  const next = await task.delay(null);
  const work = await errand.work();
  await next.ended();
  expect(begun).toEqual([next.id]);
  await expect(run.result()).rejects.toThrow(TaskCanceledError);
  await work.stop();
});

test("a run that waits for its next attempt is canceled at once and never begun again", async () => {
  const clock = fakeClock();
  await using errand = inlineErrand({ clock, log: keptLog() });
  let attempts = 0;
  const task = errand.task({
    name: "t",
    retries: { times: 5, delay: "1h" },
    run: () => {
      attempts += 1;
      throw new Error("x");
    },
  });
  const run = await task.start(null);
  await until(errand, run.id, ({ state }) => state === "retrying");
  expect(await errand.cancel(run.id)).toMatchObject({ state: "canceled", attempt: 1, stateText: null });
  expect(await run.ended()).toMatchObject({ state: "canceled" });
  await clock.advance("1d");
  expect(attempts).toBe(1);
});

test("a run for later is canceled at once", async () => {
  const errand = openErrand();
  const run = await errand.task({ name: "t", run: () => null }).delay(null, { runAt: new Date(Date.now() + 3_600_000) });
  expect(await run.cancel()).toMatchObject({ state: "canceled" });
  expect(await run.ended()).toMatchObject({ state: "canceled" });
});

test("a running task is told by its signal, by every status call and by every artifact", async () => {
  const errand = openErrand();
  const begun = gate<TaskContext>();
  const told = gate<unknown[]>();
  const task = errand.task({
    name: "t",
    calculateTotalSteps: () => 3,
    run: async (_, context) => {
      const { status, artifacts, signal } = context;
      await status.incrementCompletedSteps();
      begun.open(context);
      const reason = await aborted(signal);
      const calls = [
        () => status.setState("x"),
        () => status.setName("x"),
        () => status.incrementCompletedSteps(),
        () => status.incrementTotalSteps(1),
        () => artifacts.text("x"),
        () => artifacts.append("x", "y"),
      ];
      const errors = await Promise.all(
        calls.map(async (call) => Promise.resolve(call()).catch((error: unknown) => error)).map((call) => call.catch((error: unknown) => error)),
      );
      told.open([reason, status.signal.reason, ...errors]);
      await status.setState("x");
      return null;
    },
  });
  const run = await task.start(null);
  await begun.opened;
  expect(await run.cancel()).toMatchObject({ state: "canceling", ended: null });
  for (const error of await told.opened) expect(error).toBeInstanceOf(TaskCanceledError);
  expect(await run.ended()).toMatchObject({ state: "canceled", completedSteps: 1, stateText: null, error: null, result: null });
  await expect(run.result()).rejects.toThrow(TaskCanceledError);
  expect(await errand.artifacts.list([run.id])).toEqual([]);
});

test("a task that had done all of its work before it noticed has succeeded", async () => {
  const errand = openErrand();
  const go = gate();
  const task = errand.task({ name: "t", run: () => go.opened.then(() => "all of it") });
  const run = await task.start(null);
  await until(errand, run.id, ({ state }) => state === "in_progress");
  expect(await run.cancel()).toMatchObject({ state: "canceling" });
  expect(await errand.cancel(run.id)).toMatchObject({ state: "canceling" });
  go.open();
  expect(await run.ended()).toMatchObject({ state: "succeeded", result: "all of it" });
});

test.each<[string, () => unknown]>([
  ["any error", () => new Error("x")],
  ["a user error", () => new UserError("Stopped.")],
])("a task that throws %s once it was canceled has been canceled, and is not tried again", async (_what, thrown) => {
  const errand = openErrand();
  const begun = gate();
  const task = errand.task({
    name: "t",
    retries: 3,
    run: async (_, { signal }) => {
      begun.open();
      await aborted(signal);
      throw thrown();
    },
  });
  const run = await task.start(null);
  await begun.opened;
  await run.cancel();
  expect(await run.ended()).toMatchObject({ state: "canceled", attempt: 1, error: null });
});

test("a task that ignores the wish is cut off after the grace, and reported so", async () => {
  const errand = openErrand({ cancelGrace: "200ms", sweepEvery: "30ms" });
  const begun = gate<TaskContext>();
  const hold = gate();
  const finished = gate();
  const task = errand.task({
    name: "deaf",
    run: async (_, context) => {
      begun.open(context);
      await hold.opened;
      finished.open();
      return "too late";
    },
  });
  const run = await task.start(null);
  await begun.opened;
  const { modified } = await run.cancel();
  const ended = await run.ended();
  expect(ended).toMatchObject({ state: "canceled", result: null });
  expect((ended.ended ?? 0) - modified).toBeGreaterThanOrEqual(200);
  expect(errand.render(ended.stateText ?? "", "en")).toBe("The task did not stop when it was asked to, so it was cut off.");
  hold.open();
  await finished.opened;
  await errand.task({ name: "next", run: () => null }).delay(null);
  expect(await errand.get(run.id)).toEqual(ended);
});

test("a run that has ended stays as it is, and one that is not there is null", async () => {
  const errand = openErrand();
  const run = await errand.task({ name: "t", run: () => 1 }).delay(null);
  expect(await errand.cancel(run.id)).toEqual(run.run);
  expect(await run.cancel()).toEqual(run.run);
  expect(await errand.cancel(errand.newRunId())).toBeNull();
  expect(await errand.cancel("no id at all")).toBeNull();
});

test("a running task is told within a second or so when another process cancels it", async () => {
  const database = `file:${freshDatabase()}`;
  const worker = openErrand({ database, broker: "database" });
  const web = openErrand({ database, broker: "database", worker: false });
  const begun = gate();
  const told = gate<Error>();
  const options = {
    name: "t",
    run: async (_: unknown, { signal }: TaskContext) => {
      begun.open();
      told.open(await aborted(signal));
      throw signal.reason as Error;
    },
  };
  worker.task(options);
  await worker.start();
  const run = await web.task(options).delay(null);
  await begun.opened;
  const wished = performance.now();
  expect(await web.cancel(run.id)).toMatchObject({ state: "canceling" });
  expect(await told.opened).toBeInstanceOf(TaskCanceledError);
  expect(performance.now() - wished).toBeLessThan(5000);
  expect(await run.ended()).toMatchObject({ state: "canceled" });
});

test("a wish that meets the claim in the same turn is heard", async () => {
  const errand = openErrand({ broker: "database" });
  const task = errand.task({ name: "t", run: (_, { signal }) => aborted(signal).then((reason) => Promise.reject(reason)) });
  const runs = await Promise.all(Array.from({ length: 20 }, () => task.delay(null)));
  await Promise.all(runs.map((run) => run.cancel()));
  const ended = await Promise.all(runs.map((run): Promise<Run> => untilEnded(errand, run.id)));
  expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(["canceled"]));
});
