import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { percentage, UserError } from "../../../src/index.ts";
import { claiming } from "../../../src/runtime/attempts/claiming.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, gate, openErrand, until, untilEnded } from "../fixture.ts";
import { Hearing } from "../stops/hearing.ts";

// What django-user-tasks gets wrong, by the letters of the reference's list: each stays right here.

const DAY = 86_400_000;

test("(b) the stop event of a waiting run that is canceled comes with its final state, in the event and in the database", async () => {
  const errand = openErrand();
  const hearing = new Hearing();
  const stored: unknown[] = [];
  errand.on("userTaskStopped", hearing.listener);
  errand.on("userTaskStopped", async ({ run }) => void stored.push((await errand.get(run.id))?.state));
  const run = await errand.task({ name: "later", run: () => null }).start(null, { runAt: new Date(Date.now() + DAY) });
  expect((await errand.cancel(run.id))?.state).toBe("canceled");
  await hearing.heard(1);
  expect(hearing.events[0]?.run).toMatchObject({ state: "canceled", ended: expect.any(Number) });
  await expect.poll(() => stored).toEqual(["canceled"]);
});

test("(b) it comes for a running one too, when it has stopped, once", async () => {
  const errand = openErrand();
  const hearing = new Hearing();
  errand.on("userTaskStopped", hearing.listener);
  const [begun, go] = [gate(), gate()];
  const task = errand.task({
    name: "running",
    run: async (_input, { signal }) => {
      begun.open();
      await aborted(signal);
      await go.opened;
      throw signal.reason;
    },
  });
  const run = await task.start(null);
  await begun.opened;
  expect((await errand.cancel(run.id))?.state).toBe("canceling");
  expect(hearing.events).toEqual([]);
  go.open();
  await hearing.heard(1);
  await errand.close();
  expect(hearing.events.map(({ run }) => run.state)).toEqual(["canceled"]);
});

test("(c) each attempt counts its steps anew: never more than there are", async () => {
  const errand = openErrand();
  const seen: string[] = [];
  const task = errand.task({
    name: "steps",
    calculateTotalSteps: () => 5,
    retries: { times: 1, delay: 0 },
    run: async (_input, { status, attempt }) => {
      await status.incrementTotalSteps(2);
      for (let step = 0; step < 4; step++) await status.incrementCompletedSteps();
      if (attempt === 1) throw new Error("again");
      await status.incrementCompletedSteps(100);
    },
  });
  const run = await task.start(null);
  const watching = await errand.watch(run.id, ({ attempt, completedSteps, totalSteps }) => void seen.push(`${attempt}: ${completedSteps}/${totalSteps}`));
  await run.ended();
  watching?.stop();
  expect((await run.ended()).attempt).toBe(2);
  expect(seen.at(-1)).toBe("2: 7/7");
  expect(seen).toContain("2: 0/5");
  for (const line of seen) {
    const [completed, total] = (line.split(": ")[1] as string).split("/").map(Number) as [number, number];
    expect(completed).toBeLessThanOrEqual(total);
  }
});

test("(e) steps go far above 2^31", async () => {
  const errand = openErrand();
  const many = 2 ** 40;
  const task = errand.task({
    name: "many",
    calculateTotalSteps: () => many,
    run: async (_input, { status }) => {
      await status.incrementCompletedSteps(2 ** 33);
      await status.incrementTotalSteps(many);
      throw new UserError("enough");
    },
  });
  const { run } = await task.delay(null);
  expect([run.completedSteps, run.totalSteps, percentage(run)]).toEqual([2 ** 33, 2 * many, 0]);
  expect(await errand.get(run.id)).toEqual(run);
  await expect(errand.task({ name: "unsafe", calculateTotalSteps: () => 2 ** 53, run: () => null }).delay(null)).rejects.toThrow(RangeError);
});

test("(f) a deleted or purged run takes its files along", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}` });
  const task = errand.task({ name: "leaves", run: (_input, { artifacts }) => artifacts.file("a.txt", "x").then(() => null) });
  const [deleted, purged] = [await task.delay(null), await task.delay(null)];
  const folders = [deleted, purged].map(({ id }) => join(`${file}-files`, "artifacts", id));
  expect(folders.map((folder) => existsSync(folder))).toEqual([true, true]);
  await errand.remove(deleted.id);
  await errand.purge({ olderThan: 0 });
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
});

test("(f) a purge goes by the end: a run that began long ago and still runs is left alone", async () => {
  let ahead = 0;
  const errand = openErrand({ database: sqlite({ file: freshDatabase(), clock: () => Date.now() + ahead }), keep: false, lease: "1h" });
  const [begun, go] = [gate(), gate()];
  const task = errand.task({
    name: "long",
    timeout: "90d",
    run: async () => {
      begun.open();
      await go.opened;
    },
  });
  const run = await task.start(null);
  await begun.opened;
  ahead = 30 * 60_000;
  expect(await errand.purge({ olderThan: 0 })).toBe(0);
  go.open();
  expect((await run.ended()).state).toBe("succeeded");
});

test("(g) a run whose worker was killed does not stay in progress", async () => {
  const file = freshDatabase();
  const database = `file:${file}`;
  const web = openErrand({ database, broker: "database", worker: false });
  const run = await web.task({ name: "idle", run: () => null }).delay(null);
  const store = sqlite(file);
  onTestFinished(() => store.close());
  await store.write([{ change: claiming({ runId: run.id, queue: "default", attempt: 1, priority: 0, runAt: 0 }, "dead", -1) }]);
  expect((await web.get(run.id))?.state).toBe("in_progress");
  const worker = openErrand({ database, broker: "database", sweepEvery: "20ms" });
  await worker.start();
  const ended = await untilEnded(web, run.id);
  expect(ended).toMatchObject({ state: "failed", error: { code: "worker_lost", message: { key: "run.worker_lost" } } });
});

test("(h) what a task says of itself never stands for its state, and does not outlive it", async () => {
  const errand = openErrand();
  const [said, go] = [gate(), gate()];
  const task = errand.task({
    name: "says",
    run: async (_input, { status }) => {
      await status.setState("Succeeded");
      said.open();
      await go.opened;
    },
  });
  const run = await task.start(null);
  await said.opened;
  expect(await until(errand, run.id, ({ stateText }) => stateText !== null)).toMatchObject({ state: "in_progress", stateText: "Succeeded" });
  go.open();
  expect(await run.ended()).toMatchObject({ state: "succeeded", stateText: null });
});

test("(i) a state text given as a key with parameters is read in each reader's language", async () => {
  const messages = {
    en: { "course.section": "Exporting section {number} of {name}" },
    fr: { "course.section": "Exportation de la section {number} de {name}" },
  };
  const errand = openErrand({ messages });
  const [said, go] = [gate(), gate()];
  const task = errand.task({
    name: "says",
    run: async (_input, { status }) => {
      await status.setState({ key: "course.section", params: { number: 3, name: "<b>{number}</b>" } });
      said.open();
      await go.opened;
    },
  });
  const run = await task.start(null);
  await said.opened;
  const { stateText } = await until(errand, run.id, (snapshot) => snapshot.stateText !== null);
  go.open();
  await run.ended();
  expect(["en", "fr-CH", "es"].map((locale) => stateText && errand.render(stateText, locale))).toEqual([
    "Exporting section 3 of <b>{number}</b>",
    "Exportation de la section 3 de <b>{number}</b>",
    "Exporting section 3 of <b>{number}</b>",
  ]);
});

test("(j) a user never sees the words of an unexpected error: not in the run, its artifacts or what result() throws", async () => {
  const errand = openErrand();
  const run = await errand.task({ name: "leaks", run: () => Promise.reject(new TypeError("secret of line 7")) }).delay(null);
  const shown = JSON.stringify([run.run, await errand.artifacts.list([run.id]), String(await run.result().catch((error) => error))]);
  expect(shown).not.toMatch(/secret|line 7|TypeError/);
});

test("(k) a cancel says that it is done only when it is", async () => {
  const errand = openErrand();
  const [begun, go] = [gate(), gate()];
  let working = true;
  const task = errand.task({
    name: "works",
    run: async (_input, { signal }) => {
      begun.open();
      await aborted(signal);
      await go.opened;
      working = false;
      throw signal.reason;
    },
  });
  const run = await task.start(null);
  await begun.opened;
  expect(await run.cancel()).toMatchObject({ state: "canceling", ended: null });
  expect(await run.cancel()).toMatchObject({ state: "canceling", ended: null });
  expect(working).toBe(true);
  go.open();
  expect(await run.ended()).toMatchObject({ state: "canceled" });
  expect(working).toBe(false);
});

test("a name may be set on the way, and is cut at 255 characters; nothing is no name", async () => {
  const errand = openErrand();
  const names: (string | undefined)[] = [];
  const task = errand.task({
    name: "renames",
    run: async (_input, { status }) => {
      await status.setName(`Na\0me ${"x".repeat(300)}`);
      for (const wrong of ["", "\0", 7, undefined]) {
        try {
          await status.setName(wrong as string);
        } catch (error) {
          names.push((error as Error).name);
        }
      }
    },
  });
  const run = await task.delay(null);
  expect(run.run.name).toBe(`Name ${"x".repeat(250)}`);
  expect(names).toEqual(["TypeError", "TypeError", "TypeError", "TypeError"]);
});
