import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { freshDatabase } from "../../support/temp.ts";
import { gate, keptLog, openErrand } from "../fixture.ts";
import { Hearing } from "./hearing.ts";

const idle = { name: "idle", run: () => "done" };

test("a listener hears once of each run that ended, with its final state committed, whether it came before the opening or after", async () => {
  const errand = openErrand();
  const task = errand.task(idle);
  const early = new Hearing();
  const seen: unknown[] = [];
  errand.on("userTaskStopped", early.listener);
  errand.on("userTaskStopped", async ({ run }) => void seen.push((await errand.get(run.id))?.state));
  const first = await task.delay(null);
  const late = new Hearing();
  errand.on("userTaskStopped", late.listener);
  const second = await task.delay(null);
  await errand.close();
  expect(early.runIds).toEqual([first.id, second.id]);
  expect(early.events[0]).toMatchObject({ run: { state: "succeeded", result: "done" }, eventId: `${first.id}.stopped` });
  expect(late.runIds).toEqual([second.id]);
  expect(seen).toEqual(["succeeded", "succeeded"]);
});

test("one function that listens twice hears twice, and stops listening on its own", async () => {
  const errand = openErrand();
  const task = errand.task(idle);
  const hearing = new Hearing();
  const stop = errand.on("userTaskStopped", hearing.listener);
  errand.on("userTaskStopped", hearing.listener);
  await task.delay(null);
  expect(hearing.events).toHaveLength(2);
  stop();
  stop();
  await task.delay(null);
  expect(hearing.events).toHaveLength(3);
});

test("a listener that throws, at once or later, harms nobody and is logged", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const task = errand.task(idle);
  const hearing = new Hearing();
  errand.on("userTaskStopped", () => {
    throw new Error("at once");
  });
  errand.on("userTaskStopped", () => Promise.reject(new Error("later")));
  errand.on("userTaskStopped", hearing.listener);
  const run = await task.delay(null);
  expect(run.run.state).toBe("succeeded");
  await errand.close();
  expect(hearing.runIds).toEqual([run.id]);
  const logged = log.said(/listener of userTaskStopped threw/);
  expect(logged.map(({ fields }) => [String(fields.error), fields.runId])).toEqual([
    ["Error: at once", run.id],
    ["Error: later", run.id],
  ]);
});

test("each of two errands on one file hears once of every run, whichever ended it", async () => {
  const database = `file:${freshDatabase()}`;
  const one = openErrand({ database });
  const other = openErrand({ database });
  const hearings = [new Hearing(), new Hearing()] as const;
  one.on("userTaskStopped", hearings[0].listener);
  other.on("userTaskStopped", hearings[1].listener);
  await Promise.all([one.start(), other.start()]);
  const tasks = [one.task(idle), other.task(idle)] as const;
  const runs = await Promise.all(Array.from({ length: 40 }, (_, index) => tasks[(index % 2) as 0 | 1].delay(null)));
  const ids = runs.map(({ id }) => id).sort();
  for (const hearing of hearings) expect((await hearing.heard(40)).map(({ run }) => run.id).sort()).toEqual(ids);
});

test("what ended before an errand listened is not heard", async () => {
  const database = `file:${freshDatabase()}`;
  const one = openErrand({ database });
  await one.task(idle).delay(null);
  const other = openErrand({ database });
  const hearing = new Hearing();
  other.on("userTaskStopped", hearing.listener);
  const run = await other.task(idle).delay(null);
  await hearing.heard(1);
  expect(hearing.runIds).toEqual([run.id]);
});

test("a run that is deleted while it is under way is heard of elsewhere too", async () => {
  const database = `file:${freshDatabase()}`;
  const worker = openErrand({ database, broker: "database" });
  const web = openErrand({ database, broker: "database", worker: false });
  const hearing = new Hearing();
  web.on("userTaskStopped", hearing.listener);
  await web.start();
  const begun = gate();
  worker.task({
    name: "slow",
    run: async (_input, { signal }) => {
      begun.open();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  const task = web.task({ name: "slow", run: () => {} });
  await worker.start();
  const run = await task.delay(null);
  await begun.opened;
  expect(await web.remove(run.id)).toBe(true);
  const [event] = await hearing.heard(1);
  expect(event?.run).toMatchObject({ id: run.id, state: "canceled" });
});

test("an errand that could not open keeps its listeners for the next try", async () => {
  const log = keptLog();
  const broken = { name: "broken", run: () => {} };
  const folder = `${freshDatabase()}-missing`;
  const errand = openErrand({ database: `file:${folder}/errand.sqlite`, log });
  const task = errand.task(broken);
  const [plain, durable] = [new Hearing(), new Hearing()];
  errand.on("userTaskStopped", plain.listener);
  errand.on("userTaskStopped", durable.listener, { durable: true, name: "mail" });
  await expect(task.delay(null)).rejects.toThrow(/cannot be opened/);
  mkdirSync(folder);
  const run = await task.delay(null);
  await Promise.all([plain.heard(1), durable.heard(1)]);
  expect([plain.runIds, durable.runIds]).toEqual([[run.id], [run.id]]);
});

test("there is no other event", () => {
  const errand = openErrand();
  expect(() => errand.on("userTaskStarted" as "userTaskStopped", () => {})).toThrow(/no event "userTaskStarted"/);
});

test("thousands of runs that end in a moment are heard of once each", async () => {
  const errand = openErrand();
  const task = errand.task(idle);
  const counts = new Map<string, number>();
  errand.on("userTaskStopped", ({ run }) => void counts.set(run.id, (counts.get(run.id) ?? 0) + 1));
  const runs = await Promise.all(Array.from({ length: 2500 }, () => task.delay(null)));
  expect(counts.size).toBe(runs.length);
  expect(new Set(counts.values())).toEqual(new Set([1]));
});
