import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Run } from "../../../src/index.ts";
import { Histories } from "../../../src/runtime/estimates/histories.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { until as untilTrue } from "../../../src/testing/until.ts";
import { freshDatabase } from "../../support/temp.ts";
import { gate, keptLog, openErrand, until } from "../fixture.ts";

/** A store whose histories are counted. */
function counted(file = freshDatabase()) {
  const store = sqlite(file);
  const { estimates } = store;
  const asked = { reads: 0, writes: 0, ahead: 0 };
  return Object.assign(store, {
    asked,
    estimates: {
      history: (task: string) => {
        asked.reads++;
        return estimates.history(task);
      },
      keepHistory: (task: string, history: Parameters<typeof estimates.keepHistory>[1]) => {
        asked.writes++;
        return estimates.keepHistory(task, history);
      },
      ahead: (...given: Parameters<typeof estimates.ahead>) => {
        asked.ahead++;
        return estimates.ahead(...given);
      },
      pace: (...given: Parameters<typeof estimates.pace>) => estimates.pace(...given),
    },
  });
}

const run: Pick<Run, "task" | "steps" | "totalSteps"> = { task: "t", steps: null, totalSteps: 1 };

test("runs that take a moment cost the store nothing", async () => {
  const store = counted();
  const errand = openErrand({ database: store });
  const task = errand.task({ name: "no-op", run: () => null });
  let slow = 0; // Where the machine has stood still in the middle of one.
  for (let index = 0; index < 20; index++) {
    const { run: ended } = await task.delay(null);
    if ((ended.ended as number) - (ended.started as number) > 500) slow++;
  }
  await errand.close();
  expect(store.asked.reads).toBeLessThanOrEqual(slow);
  expect(store.asked.writes).toBeLessThanOrEqual(slow);
  expect(store.asked.ahead).toBe(0);
});

test("runs that succeed are remembered for the next: how long it will take stands in its document, in every process", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}` });
  const span = 1050;
  const steps = [{ label: "Wait" }, { label: "Go" }];
  const held = gate();
  const task = errand.task({
    name: "t",
    steps,
    run: async (input, { status, signal }) => {
      if (input === "held") await held.opened;
      else await new Promise((done) => setTimeout(done, span));
      await status.startStep("Go");
      if (input === "fails") throw new Error("So that it teaches nothing.");
      signal.throwIfAborted();
    },
  });
  const runs = await Promise.all([...Array.from({ length: 5 }, () => task.start("waits")), task.start("fails")]);
  const early = await errand.get(runs[0]?.id as string);
  expect(early && errand.remaining(early, early.modified)).toBeNull();
  await Promise.all(runs.map((started) => started.ended()));
  const store = sqlite(file);
  await untilTrue("five runs are remembered", async () => (await store.estimates.history("t"))?.samples.length === 5);
  const history = await store.estimates.history("t");
  await store.close();
  expect(history?.steps).toEqual(["Wait", "Go"]);
  for (const { steps: count, spans } of history?.samples ?? []) {
    expect(count).toBe(2);
    expect(spans[0]).toBeGreaterThanOrEqual(span - 10);
    expect(spans).toHaveLength(2);
  }
  const other = openErrand({ database: `file:${file}`, worker: false });
  const next = await task.start("held");
  await until(other, next.id, ({ state }) => state === "in_progress");
  const seen = (await other.get(next.id)) as Run;
  expect(seen.state).toBe("in_progress");
  const left = other.remaining(seen, seen.stepStarted as number);
  expect(left?.from).toBeGreaterThan(span / 2);
  expect(left?.from).toBeLessThanOrEqual(left?.to as number);
  held.open();
  await next.ended();
  expect(other.remaining(next.run, next.run.modified)).toBeNull();
});

test("what a task teaches is written at most once a second, and what cannot be written is let go", async () => {
  const store = counted();
  await store.migrate();
  const log = keptLog();
  const histories = new Histories(store, log);
  const first = await histories.of("t");
  expect(first).toBeNull();
  const begun = performance.now();
  for (let index = 0; index < 100; index++) {
    histories.add(run, [2000 + index]);
    await setImmediate();
  }
  const last = async () => (await store.estimates.history("t"))?.samples.at(-1)?.spans[0];
  await untilTrue("all is written", async () => (await last()) === 2099);
  await histories.close();
  expect(store.asked.writes).toBeGreaterThanOrEqual(2);
  expect(store.asked.writes).toBeLessThanOrEqual(2 + (performance.now() - begun) / 1000);
  expect((await store.estimates.history("t"))?.samples.map(({ spans }) => spans[0])).toEqual(Array.from({ length: 50 }, (_, index) => 2050 + index));
  expect(histories.of("t")).toMatchObject({ samples: { length: 50 } });
  await store.close();
  const broken = new Histories(store, log);
  broken.add(run, [2000]);
  expect(await broken.of("t")).toBeNull();
  await broken.close();
});

test("a poll of a run asks the store for its history once in a while, not every time", async () => {
  const store = counted();
  const errand = openErrand({ database: store });
  const go = gate();
  const task = errand.task({ name: "t", run: () => go.opened });
  const { id } = await task.start(null);
  await until(errand, id, ({ state }) => state === "in_progress");
  const begun = performance.now();
  for (let poll = 0; poll < 100; poll++) await errand.getWithArtifacts(id);
  go.open();
  expect(store.asked.reads).toBeGreaterThanOrEqual(1);
  expect(store.asked.reads).toBeLessThanOrEqual(1 + (performance.now() - begun) / 10_000);
});

test("a run that waits is told what is before it in its queue; nothing else is", async () => {
  const store = counted();
  const errand = openErrand({ database: store, broker: "database", worker: false });
  const task = errand.task({ name: "t", run: () => null });
  const before = await task.start(null);
  const mine = await task.start(null);
  await task.start(null, { priority: 5 });
  await task.start(null, { queue: "mail", priority: 5 });
  const later = await task.start(null, { runAt: new Date(Date.now() + 3_600_000) });
  const begun = performance.now();
  expect(await errand.queuePlace(mine.run, Date.now())).toEqual({ ahead: 2, isMore: false, startsIn: null });
  for (let poll = 0; poll < 50; poll++) await errand.queuePlace(mine.run, Date.now());
  expect(store.asked.ahead).toBeLessThanOrEqual(1 + (performance.now() - begun) / 2000);
  expect(await errand.queuePlace(later.run, Date.now())).toBeNull();
  const canceled = (await errand.cancel(before.id)) as Run;
  expect(await errand.queuePlace(canceled, Date.now())).toBeNull();
});
