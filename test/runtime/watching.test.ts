import { expect, test } from "vitest";
import { type StoreError, UserError } from "../../src/core/errors.ts";
import type { Run } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { freshDatabase } from "../support/temp.ts";
import { gate, keptLog, openErrand, until } from "./fixture.ts";

const echo = { name: "echo", run: (input: unknown) => input as null };

test("the stop is told once for each run, with its final snapshot, already stored", async () => {
  const errand = openErrand();
  const told: { run: Run; stored: Run | null }[] = [];
  const heard = gate();
  errand.on("userTaskStopped", async ({ run }) => {
    told.push({ run, stored: await errand.get(run.id) });
    if (told.length === 4) heard.open();
  });
  const fails = errand.task({ name: "fails", retries: { times: 1, delay: 0 }, run: () => Promise.reject(new Error("x")) });
  const task = errand.task(echo);
  const done = await task.delay(null);
  const failed = await fails.delay(null);
  const refused = await errand.task({ name: "told", run: () => Promise.reject(new UserError("No.")) }).delay(null);
  const later = await task.delay(null, { runAt: new Date(Date.now() + 3_600_000) });
  await later.cancel();
  await errand.cancel(later.id);
  await heard.opened;
  expect(told.map(({ run }) => [run.id, run.state])).toEqual([
    [done.id, "succeeded"],
    [failed.id, "failed"],
    [refused.id, "failed"],
    [later.id, "canceled"],
  ]);
  for (const { run, stored } of told) expect(stored).toEqual(run);
});

test("a listener that throws harms neither the others nor the run, and goes to the log", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const heard: string[] = [];
  errand.on("userTaskStopped", () => {
    throw new Error("first");
  });
  errand.on("userTaskStopped", () => Promise.reject(new Error("second")));
  const stop = errand.on("userTaskStopped", ({ run }) => void heard.push(run.id));
  const task = errand.task(echo);
  const run = await task.delay(null);
  expect(run.run.state).toBe("succeeded");
  expect(heard).toEqual([run.id]);
  await errand.get(run.id);
  expect(log.said(/A listener of userTaskStopped threw/).map(({ fields }) => String(fields.error))).toEqual(["Error: first", "Error: second"]);
  stop();
  await task.delay(null);
  expect(heard).toEqual([run.id]);
});

test("whoever watches a run and throws harms nobody", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const go = gate();
  const run = await errand.task({ name: "t", run: () => go.opened }).start(null);
  const watching = await errand.watch(run.id, () => {
    throw new Error("watcher");
  });
  go.open();
  expect(await run.ended()).toMatchObject({ state: "succeeded" });
  expect(log.said(/Whoever watches a run threw/).length).toBeGreaterThan(0);
  watching?.stop();
});

test("a watcher hears newer snapshots only, in order, to the last, from whichever process writes", async () => {
  const database = `file:${freshDatabase()}`;
  const worker = openErrand({ database, broker: "database" });
  const web = openErrand({ database, broker: "database", worker: false });
  const go = gate();
  const options = {
    name: "t",
    calculateTotalSteps: () => 3,
    run: async (_: unknown, { status }: Parameters<Parameters<typeof web.task>[0]["run"]>[1]) => {
      await status.setState("Begun");
      await go.opened;
      await status.incrementCompletedSteps(3);
      return "result";
    },
  };
  worker.task(options);
  const run = await web.task(options).delay(null);
  const revs: number[] = [];
  const begun = gate();
  const ended = gate<Run>();
  const watching = await web.watch(run.id, (newer) => {
    revs.push(newer.rev);
    if (newer.stateText === "Begun") begun.open();
    if (newer.ended !== null) ended.open(newer);
  });
  expect(watching?.run.rev).toBe(1);
  await worker.start();
  await begun.opened;
  // Another run's commits are no news of this one.
  const other = web.task({ name: "other", run: () => null });
  for (let count = 0; count < 3; count++) await web.cancel((await other.delay(null)).id);
  go.open();
  expect(await ended.opened).toMatchObject({ state: "succeeded", completedSteps: 3 });
  expect(watching?.run).toEqual(await ended.opened);
  expect(revs).toEqual([...new Set(revs)].sort((one, next) => one - next));
  expect(revs[0]).toBeGreaterThan(1);
  watching?.stop();
  expect(await run.result()).toBe("result");
  expect(run.run).toEqual(await web.get(run.id));
});

test("a watcher that read the newest snapshot is not told of it again when somebody else writes", async () => {
  const database = `file:${freshDatabase()}`;
  const one = openErrand({ database, broker: "database", worker: false });
  const two = openErrand({ database, broker: "database", worker: false });
  const task = one.task(echo);
  const run = await task.delay(null);
  const revs: number[] = [];
  const canceled = gate();
  const watching = await two.watch(run.id, ({ rev, state }) => {
    revs.push(rev);
    if (state === "canceled") canceled.open();
  });
  const other = await task.delay(null);
  const seen = until(two, other.id, ({ state }) => state === "canceled");
  await one.cancel(other.id);
  await seen;
  await one.cancel(run.id);
  await canceled.opened;
  expect(revs).toEqual([2]);
  watching?.stop();
});

test("waiting ends with the run, or with the time, with the newest snapshot", async () => {
  const errand = openErrand({ broker: "database", worker: false });
  const run = await errand.task(echo).delay("x");
  expect(await errand.wait(run.id, { timeout: 0 })).toEqual(run.run);
  expect(await errand.wait(run.id, { timeout: 60_000, rev: 0 })).toEqual(run.run);
  expect(await errand.wait(errand.newRunId(), { timeout: 60_000 })).toBeNull();
  const waits = errand.wait(run.id, { timeout: 60_000 });
  const moves = errand.wait(run.id, { timeout: 60_000, rev: 1 });
  const work = await errand.work();
  expect(await moves).toMatchObject({ id: run.id, rev: expect.any(Number) });
  expect(await waits).toMatchObject({ state: "succeeded", result: "x" });
  expect(await errand.wait(run.id, { timeout: 0 })).toMatchObject({ state: "succeeded" });
  await work.stop();
});

test("a time that is over before a slow store has answered does not make the run unknown", async () => {
  const store = sqlite(freshDatabase());
  const get = store.get;
  const errand = openErrand({ database: store, broker: "database", worker: false });
  const run = await errand.task(echo).delay(null);
  const late = gate();
  const asked = gate();
  Object.assign(store, {
    get: async (ids: readonly string[]) => {
      asked.open();
      await late.opened;
      return get(ids);
    },
  });
  const waits = errand.wait(run.id, { timeout: 0 });
  await asked.opened;
  await new Promise((over) => setTimeout(over, 10));
  late.open();
  expect(await waits).toEqual(run.run);
});

test("waiting stops with its signal, and with the errand", async () => {
  const errand = openErrand({ broker: "database", worker: false });
  const run = await errand.task(echo).delay(null);
  const stop = new AbortController();
  const waits = errand.wait(run.id, { timeout: 60_000, signal: stop.signal });
  const ended = run.ended({ signal: stop.signal });
  stop.abort(new Error("gone"));
  await expect(waits).rejects.toThrow("gone");
  await expect(ended).rejects.toThrow("gone");
  await expect(errand.wait(run.id, { timeout: 60_000, signal: stop.signal })).rejects.toThrow("gone");
  const lost = [errand.wait(run.id, { timeout: 60_000 }), run.ended(), run.result()].map((promise) => promise.catch((error: unknown) => error));
  await errand.get(run.id);
  await errand.close();
  for (const error of await Promise.all(lost)) expect(error).toMatchObject({ code: "ERRAND_STORE", failure: "closed" } satisfies Partial<StoreError>);
});

test("there is nothing to watch of a run that is not there", async () => {
  const errand = openErrand();
  expect(await errand.watch(errand.newRunId(), () => {})).toBeNull();
  expect(await errand.get("x")).toBeNull();
});
