import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Errand, type Storage, TaskCanceledError } from "../../../src/index.ts";
import { fileSystem } from "../../../src/storages/file-system.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { patiently } from "../../support/patiently.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, gate, keptLog, openErrand, until } from "../fixture.ts";

const leaves = {
  name: "leaves",
  run: async (_input: unknown, { artifacts }: Parameters<Parameters<Errand["task"]>[0]["run"]>[1]) => {
    await artifacts.file("a.txt", "text");
    await artifacts.text("a text");
    return "done";
  },
};

/** A task that runs until it is asked to stop, and then until `go`. */
function endless() {
  const [begun, asked, go] = [gate(), gate(), gate()];
  const run = async (_input: unknown, { signal, artifacts }: Parameters<Parameters<Errand["task"]>[0]["run"]>[1]): Promise<void> => {
    await artifacts.file("half.txt", "half");
    begun.open();
    await aborted(signal);
    asked.open();
    await go.opened;
    throw signal.reason;
  };
  return { begun, asked, go, task: { name: "endless", run } };
}

/** A folder whose first removals are refused. */
function flaky(folder: string, refusals: number): Storage {
  const storage = fileSystem(folder);
  let left = refusals;
  return {
    ...storage,
    remove: async (prefix) => {
      if (left-- > 0) throw new Error("The disk is away.");
      await storage.remove(prefix);
    },
  };
}

/** What the database says of runs, hidden ones too. */
function rowsOf(file: string) {
  const store = sqlite(file);
  onTestFinished(() => store.close());
  return (id: string) => store.known([id]);
}

test("an ended run is deleted with its rows and files at once; deleting it again finds nothing", async () => {
  const file = freshDatabase();
  const rows = rowsOf(file);
  const errand = openErrand({ database: `file:${file}` });
  const task = errand.task(leaves);
  const [run, kept] = [await task.delay(null), await task.delay(null)];
  const [artifact] = await errand.artifacts.list([run.id]);
  const folder = join(`${file}-files`, "artifacts");
  expect(existsSync(join(folder, run.id))).toBe(true);
  expect(await errand.remove(run.id)).toBe(true);
  expect(existsSync(join(folder, run.id))).toBe(false);
  expect(await rows(run.id)).toEqual([]);
  expect([await errand.get(run.id), await errand.artifacts.get(artifact?.id as string), await errand.artifacts.list([run.id])]).toEqual([null, null, []]);
  expect((await errand.list({}, { limit: 9 })).map(({ id }) => id)).toEqual([kept.id]);
  expect(existsSync(join(folder, kept.id))).toBe(true);
  expect(await errand.remove(run.id)).toBe(false);
  expect(await errand.remove(errand.newRunId())).toBe(false);
  expect(await errand.cancel(run.id)).toBeNull();
});

test("of many who delete a run at once, one did it", async () => {
  const database = `file:${freshDatabase()}`;
  const [one, other] = [openErrand({ database }), openErrand({ database })];
  const run = await one.task(leaves).delay(null);
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : other).remove(run.id)));
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await one.get(run.id)).toBeNull();
});

test("a run that waits is canceled and deleted, and never runs", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}` });
  let calls = 0;
  const task = errand.task({ name: "later", run: () => void (calls += 1) });
  const run = await task.start(null, { runAt: new Date(Date.now() + 200) });
  expect(await errand.remove(run.id)).toBe(true);
  expect(await rowsOf(file)(run.id)).toEqual([]);
  await task.delay(null, { runAt: new Date(Date.now() + 300) }).then((next) => next.ended());
  expect(calls).toBe(1);
});

test("a run under way is canceled, gone for readers at once, and erased with its files once it has ended", async () => {
  const file = freshDatabase();
  const rows = rowsOf(file);
  const errand = openErrand({ database: `file:${file}`, sweepEvery: "50ms" });
  const { begun, asked, go, task } = endless();
  const run = await errand.task(task).start(null, { owner: "u1" });
  await begun.opened;
  expect(await errand.remove(run.id)).toBe(true);
  await asked.opened;
  expect(await errand.get(run.id)).toBeNull();
  expect(await errand.list({ owner: "u1" }, { limit: 9 })).toEqual([]);
  expect(await errand.artifacts.page({ owner: "u1" }, { limit: 9 })).toEqual([]);
  expect(await errand.remove(run.id)).toBe(false);
  expect(await rows(run.id)).toEqual([run.id]);
  go.open();
  await expect.poll(() => rows(run.id), patiently).toEqual([]);
  expect(existsSync(join(`${file}-files`, "artifacts", run.id))).toBe(false);
});

test("a run that is deleted from another process is canceled in the one that performs it", async () => {
  const database = `file:${freshDatabase()}`;
  const worker = openErrand({ database, broker: "database", sweepEvery: "50ms" });
  const web = openErrand({ database, broker: "database", worker: false });
  const { begun, asked, go, task } = endless();
  worker.task(task);
  await worker.start();
  const run = await web.task({ name: "endless", run: () => {} }).delay(null);
  await begun.opened;
  await web.remove(run.id);
  await asked.opened;
  go.open();
  await expect.poll(() => worker.storage.list(`artifacts/${run.id}`), patiently).toEqual([]);
});

for (const where of ["here", "in another process"] as const) {
  test(`whoever waits for a run that is deleted ${where} is told, and hangs on nothing`, async () => {
    const database = `file:${freshDatabase()}`;
    const worker = openErrand({ database, broker: "database", sweepEvery: "50ms" });
    const elsewhere = openErrand({ database, broker: "database", worker: false });
    const { begun, go, task } = endless();
    const run = await worker.task(task).delay(null);
    await begun.opened;
    await until(worker, run.id, ({ state }) => state === "in_progress");
    const goneTold = gate();
    const heard: string[] = [];
    const watching = await worker.watch(
      run.id,
      ({ state }) => void heard.push(state),
      () => goneTold.open(),
    );
    const waiting = worker.wait(run.id, { timeout: 60_000 });
    const result = run.result().catch((error: Error) => error);
    const ended = run.ended().catch((error: Error) => error);
    await (where === "here" ? worker : elsewhere).remove(run.id);
    expect(await waiting).toBeNull();
    expect(await result).toMatchObject({ code: "ERRAND_RUN_FAILED", message: "This run was deleted.", runId: run.id });
    expect(await ended).toBe(await result);
    await goneTold.opened;
    const before = heard.length;
    go.open();
    await expect.poll(() => worker.storage.list(`artifacts/${run.id}`), patiently).toEqual([]);
    expect(heard.length).toBe(before);
    watching?.stop();
    expect(await worker.wait(run.id, { timeout: 60_000 })).toBeNull();
    expect(await worker.watch(run.id, () => {})).toBeNull();
    await expect(run.ended()).rejects.toThrow("This run was deleted.");
  });
}

test("whoever delays a run in this process is not left waiting when it is deleted, and is told by result()", async () => {
  const errand = openErrand();
  const { begun, go, task } = endless();
  const delayed = errand.task(task).delay(null);
  await begun.opened;
  const [run] = await errand.list({}, { limit: 1 });
  await errand.remove(run?.id as string);
  const handle = await delayed;
  await expect(handle.result()).rejects.toThrow("This run was deleted.");
  go.open();
});

test("files that cannot be deleted now are deleted later; until then the run stays hidden and known", async () => {
  const file = freshDatabase();
  const rows = rowsOf(file);
  const log = keptLog();
  const errand = openErrand({ database: `file:${file}`, sweepEvery: "50ms", storage: flaky(`${file}-files`, 2), log });
  const run = await errand.task(leaves).delay(null);
  expect(await errand.remove(run.id)).toBe(true);
  expect(await rows(run.id)).toEqual([run.id]);
  expect(await errand.get(run.id)).toBeNull();
  await expect.poll(() => rows(run.id), patiently).toEqual([]);
  expect(log.said(/files of a deleted run could not be deleted/).length).toBe(2);
});

test("a canceled run says so to whoever waits for its result", async () => {
  const errand = openErrand();
  const { begun, go, task } = endless();
  const run = await errand.task(task).start(null);
  await begun.opened;
  await run.cancel();
  go.open();
  await expect(run.result()).rejects.toThrow(TaskCanceledError);
});
