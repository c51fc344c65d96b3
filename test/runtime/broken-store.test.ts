import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import type { StoreFailure } from "../../src/core/errors.ts";
import { createErrand, type Errand, type Store } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { freshDatabase, tempDir } from "../support/temp.ts";
import { gate, keptLog, openErrand, until } from "./fixture.ts";

/** Holds the first use of the errand against what it must say, for a run and for a reader, and checks that trying again says the same. */
async function refuses(errand: Errand, failure: StoreFailure, message: string): Promise<void> {
  const task = errand.task({ name: "t", run: () => null });
  for (const use of [() => task.delay(null), () => errand.get("x"), () => errand.start()]) {
    await expect(use()).rejects.toMatchObject({ code: "ERRAND_STORE", failure, message });
  }
}

/** As a user who is not root: nothing is read-only for root. */
function withoutRoot(folder: string): void {
  if (process.getuid?.() !== 0) return;
  const others = 65_534;
  chmodSync(dirname(folder), 0o755);
  process.seteuid?.(others);
  onTestFinished(() => process.seteuid?.(0));
}

describe("a database that cannot be opened: one clear line, and nothing of it is harmed", () => {
  test("a file that is not SQLite", async () => {
    const file = freshDatabase();
    const letter = "This is a letter, and no database at all. ".repeat(200);
    writeFileSync(file, letter);
    await refuses(
      openErrand({ database: `file:${file}` }),
      "not_a_database",
      `The file ${file} is not an SQLite database. Name another file, or move this one away.`,
    );
    expect(readFileSync(file, "utf8")).toBe(letter);
  });

  test("a schema newer than the code", async () => {
    const file = freshDatabase();
    const made = openErrand({ database: `file:${file}`, broker: "database", worker: false });
    const run = await made.task({ name: "t", run: () => null }).delay(null);
    await made.close();
    const db = new DatabaseSync(file);
    const { newest } = db.prepare("SELECT max(number) AS newest FROM errand_migrations").get() as { newest: number };
    db.prepare("INSERT INTO errand_migrations (number, name) VALUES (?, 'later')").run(newest + 7);
    db.close();
    const said = `The database ${file} was written by a newer version of Errand (schema ${newest + 7}; this one knows up to ${newest}). Update the errand package.`;
    await refuses(openErrand({ database: `file:${file}` }), "newer_schema", said);
    const again = new DatabaseSync(file);
    again.exec(`DELETE FROM errand_migrations WHERE number = ${newest + 7}`);
    again.close();
    expect(await openErrand({ database: `file:${file}`, broker: "database", worker: false }).get(run.id)).toEqual(run.run);
  });

  test("a folder that is not there", async () => {
    const file = join(tempDir(), "nowhere", "errand.sqlite");
    const errand = openErrand({ database: `file:${file}` });
    const said = `The database ${file} cannot be opened. Its folder must exist and be readable and writable for this user.`;
    await expect(errand.start()).rejects.toMatchObject({ failure: "cannot_open", message: said });
    mkdirSync(dirname(file));
    await errand.start(); // Once it is there, the same errand goes on.
  });

  test("a folder in the file's place", async () => {
    const folder = tempDir();
    await refuses(
      openErrand({ database: `file:${folder}` }),
      "cannot_open",
      `The database ${folder} cannot be opened. Its folder must exist and be readable and writable for this user.`,
    );
  });

  test("a read-only file in a read-only folder", async () => {
    const file = freshDatabase();
    const made = openErrand({ database: `file:${file}`, broker: "database", worker: false });
    await made.task({ name: "t", run: () => null }).delay(null);
    await made.close();
    chmodSync(file, 0o444);
    chmodSync(dirname(file), 0o555);
    onTestFinished(() => chmodSync(dirname(file), 0o755));
    withoutRoot(dirname(file));
    const errand = openErrand({ database: `file:${file}` });
    await refuses(
      errand,
      "read_only",
      `The database ${file} cannot be written: it, its folder or its disk is read-only. Give this user the right to write there.`,
    );
  });

  test("a file that this user may not read", async () => {
    const file = freshDatabase();
    writeFileSync(file, "");
    chmodSync(file, 0o000);
    withoutRoot(dirname(file));
    await refuses(
      openErrand({ database: `file:${file}` }),
      "cannot_open",
      `The database ${file} cannot be opened. Its folder must exist and be readable and writable for this user.`,
    );
  });
});

/** The SQLite store, with its own connection in hand. */
function storeWithConnection(file: string): { store: Store; connection: DatabaseSync } {
  const store = sqlite(file);
  const connections: DatabaseSync[] = [];
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, text: string) {
    connections.push(this);
    return exec.call(this, text);
  };
  try {
    store.watch(() => {})(); // Opens it.
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
  return { store, connection: connections[0] as DatabaseSync };
}

/** Lets the database grow no further: SQLite then says just what it says of a full disk. */
function fill(connection: DatabaseSync): void {
  const { page_count } = connection.prepare("PRAGMA page_count").get() as { page_count: number };
  connection.exec(`PRAGMA max_page_count = ${page_count}`);
}

describe("a disk that is full", () => {
  test("no more runs can be started, those that are stored stay, and it goes on once there is space", async () => {
    const file = freshDatabase();
    const { store, connection } = storeWithConnection(file);
    const errand = openErrand({ database: store, broker: "database", worker: false });
    const task = errand.task({ name: "t", run: () => null });
    const stored = await task.delay("x");
    fill(connection);
    const large = "x".repeat(100_000);
    await expect(task.delay(large)).rejects.toMatchObject({
      code: "ERRAND_STORE",
      failure: "full",
      temporary: true,
      message: `The database ${file} cannot grow: its disk is full. Free some space; nothing that was stored is lost.`,
    });
    expect(await errand.get(stored.id)).toEqual(stored.run);
    expect(await store.list({}, { limit: 10 })).toHaveLength(1);
    connection.exec("PRAGMA max_page_count = 1000000");
    expect((await task.delay(large)).run.state).toBe("pending");
  });

  test("what a run has done is not lost: its end is written once there is space", async () => {
    const { store, connection } = storeWithConnection(freshDatabase());
    const full = gate();
    const log = keptLog();
    const errand = openErrand({
      database: store,
      log: {
        ...log,
        warn: (fields, message) => {
          log.warn(fields, message);
          if (message.startsWith("The end of an attempt could not be written")) full.open();
        },
      },
    });
    let calls = 0;
    const task = errand.task({
      name: "t",
      run: () => {
        calls += 1;
        fill(connection);
        return "x".repeat(200_000);
      },
    });
    const run = await task.start(null);
    await full.opened;
    expect(await errand.get(run.id)).toMatchObject({ state: "in_progress" });
    connection.exec("PRAGMA max_page_count = 1000000");
    expect(await run.result()).toHaveLength(200_000);
    expect(run.run).toMatchObject({ state: "succeeded", attempt: 1 });
    expect(calls).toBe(1);
  });
});

test("a store that is gone in the middle: whoever starts a run is told, and so is whoever waits", async () => {
  const store = sqlite(freshDatabase());
  const errand = openErrand({ database: store, broker: "database", worker: false });
  const task = errand.task({ name: "t", run: () => null });
  await task.delay(null);
  await store.close();
  await expect(task.delay(null)).rejects.toMatchObject({ failure: "closed" });
  await expect(errand.wait(errand.newRunId(), { timeout: 1 })).rejects.toMatchObject({ failure: "closed" });
});

test("another process that holds the write lock delays a run, and loses none", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}` });
  const task = errand.task({ name: "t", run: () => "done" });
  await errand.start();
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const delayed = task.delay(null);
  const turns = gate();
  setImmediate(() => setImmediate(turns.open)); // The event loop goes round meanwhile.
  await turns.opened;
  expect(await errand.get("x")).toBeNull();
  other.exec("COMMIT");
  other.close();
  expect(await (await delayed).result()).toBe("done");
});

test("a run whose first write is refused by one errand can be started through another", async () => {
  const file = freshDatabase();
  const broken = createErrand({ database: `file:${join(dirname(file), "nowhere", "x.sqlite")}`, log: keptLog() });
  await expect(broken.task({ name: "t", run: () => null }).delay(null)).rejects.toMatchObject({ failure: "cannot_open" });
  await broken.close();
  const whole = openErrand({ database: `file:${file}` });
  const run = await whole.task({ name: "t", run: () => 1 }).start(null);
  expect(await until(whole, run.id, ({ ended }) => ended !== null)).toMatchObject({ state: "succeeded" });
});
