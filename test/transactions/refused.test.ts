import { DatabaseSync } from "node:sqlite";
import SqliteDatabase from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { ConfigurationError, type Transaction } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { openErrand } from "../runtime/fixture.ts";
import { createDatabase } from "../support/postgres.ts";
import { freshDatabase } from "../support/temp.ts";

async function opened(options: Parameters<typeof openErrand>[0] = {}) {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}`, ...options });
  const task = errand.task({ name: "task", run: async () => "done" });
  await errand.start();
  const handle = new DatabaseSync(file);
  onTestFinished(() => handle.close());
  handle.exec("BEGIN IMMEDIATE");
  return { errand, task, handle };
}

async function refusal(delaying: Promise<unknown>): Promise<string> {
  const error = await delaying.then(
    () => new Error("It was not refused."),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as Error).message;
}

test.each([
  [undefined, "null"],
  ["BEGIN", 'the string "BEGIN"'],
  [{}, "an object"],
  [new Map(), "an object of class Map"],
  [() => undefined, "a function"],
])("%o is no transaction", async (value, words) => {
  const { task } = await opened();
  const message = await refusal(task.delay(null, { transaction: (value ?? null) as unknown as Transaction }));
  expect(message).toContain(`\`transaction\` is ${words}, which is no transaction that is known here.`);
  expect(message).toContain("pass a handle of better-sqlite3 or node:sqlite");
});

test("the type refuses what is no client at all", async () => {
  const { task } = await opened();
  // @ts-expect-error a text is no transaction
  await refusal(task.delay(null, { transaction: "BEGIN" }));
  // @ts-expect-error nor is an object without any of their functions
  await refusal(task.delay(null, { transaction: { begin() {} } }));
});

test("a handle on another file is refused with both names", async () => {
  const { task } = await opened();
  const file = freshDatabase();
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const message = await refusal(task.delay(null, { transaction: other }));
  expect(message).toContain(JSON.stringify(file));
  expect(message).toMatch(/but runs are kept in ".*errand\.sqlite"/);
});

test("a store in memory cannot be reached by a handle of the app", async () => {
  const { task } = await opened({ database: ":memory:" });
  const other = new SqliteDatabase(":memory:");
  onTestFinished(() => void other.close());
  other.exec("BEGIN");
  expect(await refusal(task.delay(null, { transaction: other }))).toContain(
    "is a handle of SQLite on a database in memory, but runs are kept in a database in memory",
  );
});

test("a client of PostgreSQL is refused by a store in SQLite", async () => {
  const { task } = await opened();
  const database = await createDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await database.drop();
  });
  await client.query("BEGIN");
  expect(await refusal(task.delay(null, { transaction: client }))).toMatch(
    /a client of pg that could not be asked which file it has open\. The store is SQLite/,
  );
});

test("Drizzle on SQLite is refused with what to pass instead, and that serves", async () => {
  const { errand, task, handle } = await opened();
  handle.exec("ROLLBACK");
  const db = drizzle(new SqliteDatabase(handle.location() as string));
  onTestFinished(() => void db.$client.close());
  expect(await refusal(task.delay(null, { transaction: db as unknown as Transaction }))).toContain("`db.$client`");
  db.$client.exec("BEGIN IMMEDIATE");
  const started = await task.start(null, { transaction: db.$client });
  db.$client.exec("COMMIT");
  expect(await errand.get(started.id)).not.toBeNull();
  expect(await started.result()).toBe("done");
});

test("a key is refused, since others would have to wait for the transaction", async () => {
  const { errand, task, handle } = await opened();
  expect(await refusal(task.delay(null, { transaction: handle, key: "once" }))).toContain("`key` and `transaction` do not go together");
  handle.exec("COMMIT");
  expect(await errand.list({}, { limit: 9 })).toEqual([]);
});

test("a store that cannot join says so", async () => {
  const store = Object.assign(sqlite(freshDatabase()), { join: undefined });
  const { task, handle } = await opened({ database: store });
  expect(await refusal(task.delay(null, { transaction: handle }))).toContain('The store "sqlite" cannot begin runs in a transaction');
  await store.close();
});

test("an input that will not do is refused before the transaction is touched", async () => {
  const { task, handle } = await opened();
  await expect(task.delay(new Date() as never, { transaction: handle })).rejects.toMatchObject({ code: "ERRAND_INVALID_JSON" });
  expect(handle.prepare("SELECT count(*) AS n FROM errand_runs").get()).toEqual({ n: 0 });
});

test("a transaction that has read what was changed since cannot write: it is told to begin anew", async () => {
  const { errand, task, handle } = await opened();
  handle.exec("ROLLBACK; BEGIN; SELECT count(*) FROM errand_runs");
  await task.delay(null);
  await expect(task.delay(null, { transaction: handle })).rejects.toMatchObject({ code: "ERRAND_STORE", failure: "busy" });
  handle.exec("ROLLBACK");
  expect((await errand.list({}, { limit: 9 })).length).toBe(1);
});
