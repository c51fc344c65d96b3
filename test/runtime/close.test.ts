import { expect, test } from "vitest";
import { createErrand } from "../../src/index.ts";
import { freshDatabase } from "../support/temp.ts";
import { aborted, gate, keptLog, openErrand, until } from "./fixture.ts";

test("nothing is opened before the first use, and nothing can be used after the end", async () => {
  const file = freshDatabase();
  const errand = createErrand({ database: `file:${file}` });
  const task = errand.task({ name: "t", run: () => null });
  await errand.close();
  await errand.close();
  const uses = [task.delay(null), errand.get("x"), errand.cancel("x"), errand.start(), errand.wait("x", { timeout: 1 }), errand.artifacts.list([])];
  for (const use of uses)
    await expect(use).rejects.toMatchObject({
      code: "ERRAND_STORE",
      failure: "closed",
      message: "This errand was closed: nothing more can be started or read through it.",
    });
});

test("what is under way may end within the grace", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}`, broker: "database" });
  const begun = gate();
  const go = gate();
  const run = await errand
    .task({
      name: "t",
      run: async (_, { status }) => {
        begun.open();
        await go.opened;
        await status.setState("Last words");
        return "whole";
      },
    })
    .delay(null);
  await begun.opened;
  const closed = errand.close({ grace: "1m" });
  go.open();
  await closed;
  expect(await openErrand({ database: `file:${file}`, broker: "database", worker: false }).get(run.id)).toMatchObject({
    state: "succeeded",
    result: "whole",
    attempt: 1,
  });
});

test.each(["none", "database"])(
  "with the broker %s, what does not end is handed back, costs no attempt, and is performed elsewhere at once",
  async (broker) => {
    const database = `file:${freshDatabase()}`;
    const begun = gate();
    const told = gate<string>();
    const first = openErrand({ database, broker });
    const task = first.task({
      name: "t",
      run: (_, { signal }) => {
        begun.open();
        // One that heeds its signal: it must not count as broken.
        return aborted(signal).then((reason) => {
          told.open(reason.name);
          throw reason;
        });
      },
    });
    const run = await task.start(null);
    await begun.opened;
    await first.close({ grace: 0 });
    expect(await told.opened).toBe("LeaseLostError");
    const second = openErrand({ database, broker, lease: "2s", sweepEvery: "50ms" });
    second.task({ name: "t", run: (_, { attempt }) => `attempt ${attempt}` });
    const waiting = await second.get(run.id);
    expect(waiting).toMatchObject({ attempt: 1, maxAttempts: 2 });
    expect(waiting?.error).toBeNull();
    expect(await until(second, run.id, ({ ended }) => ended !== null)).toMatchObject({ state: "succeeded", result: "attempt 2" });
  },
);

test("the user is told so meanwhile", async () => {
  const database = `file:${freshDatabase()}`;
  const first = openErrand({ database, broker: "database" });
  const begun = gate();
  const run = await first
    .task({
      name: "t",
      calculateTotalSteps: () => 4,
      run: async (_, { status }) => {
        await status.incrementCompletedSteps(1);
        await status.incrementCompletedSteps(1);
        begun.open();
        return new Promise<null>(() => {});
      },
    })
    .delay(null);
  await begun.opened;
  await first.close({ grace: 0 });
  const second = openErrand({ database, broker: "database", worker: false });
  const handed = await second.get(run.id);
  expect(handed).toMatchObject({ state: "retrying", completedSteps: 2, totalSteps: 4 });
  expect(second.render(handed?.stateText ?? "", "en")).toBe("The worker is shutting down; another one goes on soon.");
});

test("a run that is being canceled when its worker goes is canceled", async () => {
  const database = `file:${freshDatabase()}`;
  const first = openErrand({ database, broker: "database" });
  const begun = gate();
  const run = await first
    .task({
      name: "t",
      run: () => {
        begun.open();
        return new Promise<null>(() => {});
      },
    })
    .delay(null);
  await begun.opened;
  await run.cancel();
  await first.close({ grace: 0 });
  expect(await openErrand({ database, broker: "database", worker: false }).get(run.id)).toMatchObject({ state: "canceled" });
});

test("work that is stopped hands back at once, and the errand goes on", async () => {
  const errand = openErrand({ broker: "database", worker: false });
  const begun = gate<number>();
  const task = errand.task({
    name: "t",
    run: (_, { attempt, signal }) => {
      begun.open(attempt);
      return attempt === 1 ? aborted(signal).then((reason) => Promise.reject(reason)) : attempt;
    },
  });
  const work = await errand.work();
  const run = await task.delay(null);
  await begun.opened;
  await work.stop();
  expect(await errand.get(run.id)).toMatchObject({ state: "retrying", attempt: 1 });
  const again = await errand.work();
  expect(await run.result()).toBe(2);
  await again.stop();
});

test("a task that goes on after its run was handed back writes nothing", async () => {
  const database = `file:${freshDatabase()}`;
  const log = keptLog();
  const first = openErrand({ database, broker: "database", log });
  const begun = gate();
  const go = gate();
  const late = gate<unknown[]>();
  const run = await first
    .task({
      name: "t",
      run: async (_, { status, artifacts }) => {
        begun.open();
        await go.opened;
        const tries = [async () => status.setState("late"), async () => artifacts.text("late")];
        late.open(await Promise.all(tries.map((each) => each().catch((error: Error) => error.name))));
      },
    })
    .delay(null);
  await begun.opened;
  await first.close({ grace: 0 });
  go.open();
  expect(await late.opened).toEqual(["LeaseLostError", "LeaseLostError"]);
  const second = openErrand({ database, broker: "database", worker: false });
  expect(await second.get(run.id)).toMatchObject({ state: "retrying" });
  expect(await second.artifacts.list([run.id])).toEqual([]);
});
