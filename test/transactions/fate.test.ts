import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { chain, group } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { openErrand } from "../runtime/fixture.ts";
import { patiently } from "../support/patiently.ts";
import { startProcess } from "../support/process.ts";
import { freshDatabase } from "../support/temp.ts";
import { asked } from "./asked.ts";

function opened(options: Parameters<typeof openErrand>[0] = {}, file = freshDatabase()) {
  const errand = openErrand({ database: `file:${file}`, ...options });
  const echo = errand.task({ name: "echo", input: z.string(), run: async (text) => text });
  return { errand, echo, file, handle: () => handleOn(file) };
}

function handleOn(file: string): DatabaseSync {
  const handle = new DatabaseSync(file);
  onTestFinished(() => handle.close());
  return handle;
}

test("what is rolled back to a savepoint never began, though the rest is committed", async () => {
  const { errand, echo, handle } = opened();
  await errand.start();
  const transaction = handle();
  transaction.exec("BEGIN IMMEDIATE");
  const kept = await echo.delay("kept", { transaction });
  transaction.exec("SAVEPOINT inner_part");
  const undone = await echo.delay("undone", { transaction });
  transaction.exec("ROLLBACK TO inner_part");
  const last = await echo.delay("last", { transaction });
  transaction.exec("COMMIT");
  expect(await kept.result()).toBe("kept");
  expect(await last.result()).toBe("last");
  await expect(undone.result()).rejects.toThrow(/rolled back/);
});

test("a transaction rolled back on a handle that begins another at once is told from it", async () => {
  const { errand, echo, handle } = opened();
  await errand.start();
  const transaction = handle();
  transaction.exec("BEGIN IMMEDIATE");
  const undone = await echo.delay("undone", { transaction });
  transaction.exec("ROLLBACK; BEGIN IMMEDIATE");
  const kept = await echo.delay("kept", { transaction });
  transaction.exec("COMMIT");
  expect(await kept.result()).toBe("kept");
  await expect(undone.result()).rejects.toThrow(/rolled back/);
});

test("a handle that is closed in the middle of a transaction has rolled it back", async () => {
  const { errand, echo, file } = opened();
  await errand.start();
  const transaction = new DatabaseSync(file);
  transaction.exec("BEGIN IMMEDIATE");
  const started = await echo.delay("lost", { transaction });
  transaction.close();
  await expect(started.result()).rejects.toThrow(/rolled back/);
});

test("however often it is asked for meanwhile, an open transaction is not taken for one that has ended", async () => {
  const file = freshDatabase();
  const { store, often } = asked(sqlite(file));
  const { errand, echo } = opened({ database: store }, file);
  await errand.start();
  const transaction = handleOn(file);
  transaction.exec("BEGIN IMMEDIATE");
  const started = await echo.delay("patient", { transaction });
  await often;
  transaction.exec("COMMIT");
  expect(await started.result()).toBe("patient");
  await errand.close();
  await store.close();
});

test("with a store that tells of no commit, the end is found all the same", async () => {
  const file = freshDatabase();
  const deaf = Object.assign(sqlite(file), { watch: () => () => undefined });
  const { errand, echo } = opened({ database: deaf }, file);
  await errand.start();
  const transaction = handleOn(file);
  transaction.exec("BEGIN IMMEDIATE");
  const started = await echo.delay("heard", { transaction });
  transaction.exec("COMMIT");
  expect(await started.result()).toBe("heard");
  await errand.close();
  await deaf.close();
});

test("whoever waits can give up, and closing the errand ends the waiting; another process performs what is committed then", async () => {
  const { errand, echo, file } = opened({ worker: false });
  await errand.start();
  const transaction = handleOn(file);
  transaction.exec("BEGIN IMMEDIATE");
  const started = await echo.delay("later", { transaction });
  const given = new AbortController();
  const waiting = started.ended({ signal: given.signal });
  given.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  const result = started.result();
  const closing = errand.close({ grace: 0 });
  await expect(result).rejects.toMatchObject({ code: "ERRAND_STORE", failure: "closed" });
  transaction.exec("COMMIT"); // Closing writes too, and has to wait for the lock of this file until then.
  await closing;
  const other = opened({ sweepEvery: 50, lease: "2s" }, file);
  expect(await other.errand.wait(started.id, { timeout: 30_000 })).toMatchObject({ state: "succeeded", result: "later" });
});

test("a process that dies right after the commit leaves the run to another one", async () => {
  const file = freshDatabase();
  const child = startProcess(new URL("./dying-starter.ts", import.meta.url), { args: [file] });
  const id = /^committed (\S+)/.exec(await child.line(/^committed/))?.[1] as string;
  expect((await child.exited).signal).toBe("SIGKILL");
  const { errand } = opened({ sweepEvery: 50, lease: "2s" }, file);
  expect(await errand.wait(id, { timeout: 30_000 })).toMatchObject({ state: "succeeded", result: "after death" });
  expect((await errand.list({}, { limit: 9 })).length).toBe(1); // What was not committed at the death never was.
});

for (const broker of ["none", "database"])
  test(`linked runs stand or fall with the transaction too, with the broker "${broker}"`, async () => {
    const { errand, echo, handle } = opened({ broker });
    await errand.start();
    const transaction = handle();
    const tree = chain([echo.with("one"), group([echo.with("two"), echo.with("three")])]);
    transaction.exec("BEGIN IMMEDIATE");
    const kept = await tree.delay({ transaction, owner: "u1" });
    expect(kept.run).toMatchObject({ kind: "chain", state: "pending", owner: "u1" });
    expect(await errand.list({}, { limit: 9 })).toEqual([]);
    transaction.exec("COMMIT");
    expect(await kept.result()).toEqual(["two", "three"]);
    transaction.exec("BEGIN IMMEDIATE");
    const undone = await tree.start({ transaction });
    transaction.exec("ROLLBACK");
    await expect(undone.result()).rejects.toThrow(/rolled back/);
    expect((await errand.list({}, { limit: 9 })).length).toBe(5);
  });

test("an open transaction is not waited for, and does not keep what stands from running", async () => {
  const { errand, echo, handle } = opened({ worker: false, broker: "database" });
  await errand.start();
  const transaction = handle();
  transaction.exec("BEGIN IMMEDIATE");
  const started = await echo.delay("open", { transaction, runAt: new Date(Date.now() + 60_000) });
  expect(started.run.state).toBe("pending");
  transaction.exec("COMMIT");
  await expect.poll(() => errand.get(started.id), patiently).toMatchObject({ state: "pending" });
  await started.cancel();
  expect(await started.ended()).toMatchObject({ state: "canceled" });
});
