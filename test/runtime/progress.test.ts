import { expect, test } from "vitest";
import type { Run, Write } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { freshDatabase } from "../support/temp.ts";
import { gate, openErrand } from "./fixture.ts";

/** The SQLite store, noting the progress that it is given to write. */
function countingStore(file: string) {
  const store = sqlite(file);
  const write = store.write;
  const progress: object[] = [];
  return Object.assign(store, {
    progress,
    write(writes: readonly Write[]) {
      for (const each of writes) {
        const set = "change" in each ? each.change.patch.set : undefined;
        if (set && set.state === undefined) progress.push(set);
      }
      return write(writes);
    },
  });
}

test("many calls make few writes, at most one each 100 ms, and the last is never lost", async () => {
  const store = countingStore(freshDatabase());
  const errand = openErrand({ database: store });
  const task = errand.task({
    name: "counts",
    calculateTotalSteps: () => 50_000,
    run: async (_, { status }) => {
      for (let step = 0; step < 50_000; step++) {
        await status.incrementCompletedSteps();
        await status.setState(`Step ${step + 1}`);
      }
      throw new Error("So that nothing rounds it up.");
    },
  });
  const begun = performance.now();
  const { run } = await task.delay(null);
  const took = performance.now() - begun;
  expect(run).toMatchObject({ state: "failed", completedSteps: 50_000, totalSteps: 50_000 });
  expect(store.progress.length).toBeLessThanOrEqual(took / 100 + 2);
  expect(store.progress.length).toBeGreaterThanOrEqual(1);
});

test("the first change is written at once, and what comes soon after it without any further call", async () => {
  const errand = openErrand();
  const go = gate();
  const task = errand.task({
    name: "t",
    calculateTotalSteps: () => 10,
    run: async (_, { status }) => {
      await status.setState("First");
      void status.incrementCompletedSteps(3);
      void status.setName("Renamed");
      void status.setState("Last");
      await go.opened;
    },
  });
  const run = await task.start(null);
  const seen: Run[] = [];
  const watching = await errand.watch(run.id, (newer) => {
    seen.push(newer);
    if (newer.stateText === "Last") go.open();
  });
  await run.ended();
  watching?.stop();
  expect(seen.map(({ stateText }) => stateText)).toEqual(expect.arrayContaining(["First", "Last"]));
  expect(seen.find(({ stateText }) => stateText === "Last")).toMatchObject({ completedSteps: 3, name: "Renamed", state: "in_progress" });
});

test("steps never pass the total, which may grow, and success completes them", async () => {
  const errand = openErrand();
  const seen: [number, number][] = [];
  const task = errand.task({
    name: "t",
    calculateTotalSteps: () => 2,
    run: async (_, { status }) => {
      await status.incrementCompletedSteps(5);
      await status.incrementTotalSteps(3);
      await status.incrementCompletedSteps(2);
    },
  });
  const run = await task.start(null);
  const watching = await errand.watch(run.id, ({ completedSteps, totalSteps }) => void seen.push([completedSteps, totalSteps]));
  await run.ended();
  watching?.stop();
  for (const [completed, total] of seen) expect(completed).toBeLessThanOrEqual(total);
  expect(run.run).toMatchObject({ completedSteps: 5, totalSteps: 5 });
});

test("counts have no 16-bit ceiling", async () => {
  const task = openErrand().task({
    name: "t",
    calculateTotalSteps: () => 40_000_000_000,
    run: (_, { status }) => status.incrementCompletedSteps(39_999_999_999).then(() => Promise.reject(new Error("x"))),
  });
  expect((await task.delay(null)).run).toMatchObject({ completedSteps: 39_999_999_999, totalSteps: 40_000_000_000 });
});

test.each<[string, (status: never) => unknown, string]>([
  [
    "half a step",
    (status: { incrementCompletedSteps(steps: number): unknown }) => status.incrementCompletedSteps(0.5),
    "The number of completed steps must be a whole number of 0 or more, but is 0.5.",
  ],
  ["a step back", (status: { incrementCompletedSteps(steps: number): unknown }) => status.incrementCompletedSteps(-1), "but is -1."],
  [
    "a smaller total",
    (status: { incrementTotalSteps(steps: number): unknown }) => status.incrementTotalSteps(-1),
    "The number of further steps must be a whole number of 0 or more, but is -1.",
  ],
  ["a state that is no text", (status: { setState(text: unknown): unknown }) => status.setState(3), "status.setState takes a text"],
  ["an empty name", (status: { setName(name: string): unknown }) => status.setName(""), "status.setName takes a text that is not empty."],
])("%s is refused", async (_what, call, message) => {
  const refused = gate<unknown>();
  const task = openErrand().task({
    name: "t",
    run: async (_, { status }) => {
      try {
        await call(status as never);
      } catch (error) {
        refused.open(error);
      }
    },
  });
  await task.delay(null);
  expect(String(await refused.opened)).toContain(message);
});

test("a state text of a key with parameters is kept as it is, and a long one is cut", async () => {
  const errand = openErrand({ messages: { en: { row: "Row {row}" }, de: { row: "Zeile {row}" } } });
  const texts: unknown[] = [];
  const task = errand.task({
    name: "t",
    run: async (long: unknown, { status, runId }) => {
      await status.setState(long === true ? "x".repeat(5000) : { key: "row", params: { row: 3 } });
      texts.push((await errand.get(runId))?.stateText);
    },
  });
  await task.delay(null);
  await task.delay(true);
  expect(texts).toEqual([{ key: "row", params: { row: 3 } }, "x".repeat(1000)]);
  expect(errand.render(texts[0] as never, "de")).toBe("Zeile 3");
});

test("progress that the store refused for a moment comes with a later write", async () => {
  const store = sqlite(freshDatabase());
  const write = store.write;
  let refuse = 2;
  Object.assign(store, {
    write: (writes: readonly Write[]) =>
      writes.some((each) => "change" in each && each.change.patch.set?.stateText !== undefined && each.change.patch.set.state === undefined) && refuse-- > 0
        ? Promise.reject(new Error("disk is away"))
        : write(writes),
  });
  const errand = openErrand({ database: store });
  const go = gate();
  const task = errand.task({ name: "t", run: (_, { status }) => status.setState("Still here").then(() => go.opened) });
  const run = await task.start(null);
  const watching = await errand.watch(run.id, ({ stateText }) => stateText === "Still here" && go.open());
  expect(await run.ended()).toMatchObject({ state: "succeeded" });
  expect(refuse).toBeLessThan(0);
  watching?.stop();
});
