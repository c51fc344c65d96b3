import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { StoreError } from "../../src/core/errors.ts";
import { migrations } from "../../src/stores/migrations/index.ts";
import { open, sqlite } from "../../src/stores/sqlite.ts";
import { claim, insert, insertClaimed, insertEnded } from "../../src/testing/index.ts";
import { freshDatabase } from "../support/temp.ts";

const HOUR = 3_600_000;

test("every time in the store is by its own clock, whatever the machine's says", async () => {
  let now = Date.UTC(1999, 11, 31);
  const store = sqlite({ file: freshDatabase(), clock: () => now });
  await store.migrate();
  const run = await insert(store, { runAt: { fromNow: HOUR } });
  expect([run.created, run.modified, run.runAt]).toEqual([now, now, now + HOUR]);
  expect(await claim(store, run)).toBeNull();
  now += HOUR;
  expect(await claim(store, run, "worker-1", 1000)).toMatchObject({ started: now, modified: now });
  const strays = () => store.strays({ cancelGrace: HOUR, undeliveredAfter: HOUR, limit: 9 });
  now += 999;
  expect(await strays()).toEqual([]);
  await store.renew("worker-1", 1000);
  now += 999;
  expect(await strays()).toEqual([]);
  now += 1;
  expect((await strays()).map(({ kind }) => kind)).toEqual(["lease_expired"]);
  await store.close();
});

test("a lease ends with its attempt's timeout to the millisecond", async () => {
  let now = 1_000_000;
  const store = sqlite({ file: freshDatabase(), clock: () => now });
  await store.migrate();
  await insertClaimed(store, { timeout: 500, lease: 100 });
  await store.renew("worker-1", HOUR);
  const timedOut = async () => (await store.strays({ cancelGrace: HOUR, undeliveredAfter: HOUR, limit: 9 })).map((stray) => stray.timedOut);
  now += 499;
  expect(await timedOut()).toEqual([]);
  now += 1;
  expect(await timedOut()).toEqual([true]);
  expect(await store.renew("worker-1", HOUR)).toEqual([]);
  expect(await timedOut()).toEqual([true]);
  await store.close();
});

test("a run that comes due while the store is asked is either given or announced", async () => {
  let now = 1_000_000;
  const store = sqlite({
    file: freshDatabase(),
    clock: () => {
      now += 10;
      return now;
    },
  });
  await store.migrate();
  for (let wait = 1; wait < 80; wait += 3) {
    const run = await insert(store, { runAt: now + wait });
    const { deliveries, nextIn } = await store.due({ queues: [], limit: 9, except: [] });
    expect(deliveries.length === 1 || nextIn !== null, `due ${wait} ms after the insert`).toBe(true);
    await claim(store, run);
    now += 100;
    await claim(store, run);
  }
  await store.close();
});

test("another thread opens the same database by its address", async () => {
  const store = sqlite(freshDatabase());
  await store.migrate();
  const run = await insert(store);
  const again = open(store.address?.options);
  expect(await again.get([run.id])).toEqual([run]);
  expect(await import(store.address?.module as string)).toHaveProperty("open");
  await again.close();
  await store.close();
});

test("a database in memory has no address, and no other handle", async () => {
  const store = sqlite(":memory:");
  await store.migrate();
  const run = await insert(store);
  expect(store.address).toBeUndefined();
  expect(await store.get([run.id])).toEqual([run]);
  await store.close();
});

test.each(migrations.map(({ number }) => number))("a database of schema %i is brought up to date with what it holds", async (number) => {
  const file = freshDatabase();
  const old = new DatabaseSync(file);
  old.exec("CREATE TABLE errand_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)");
  for (const migration of migrations.slice(0, number)) {
    for (const statement of migration.statements) old.exec(statement);
    old.prepare("INSERT INTO errand_migrations VALUES (?, ?)").run(migration.number, migration.name);
  }
  old.exec(`INSERT INTO errand_runs (id, rev, task, name, owner, queue, priority, state, completed_steps, total_steps, planned_steps, attempt, max_attempts, input, run_at, created, modified, ended, timeout)
    VALUES ('01890a5d-ac96-774b-bcce-b302099a8057', 3, 'export', 'Old', 'u1', 'default', 0, 'succeeded', 1, 1, 1, 1, 1, 'null', 1, 1, 2, 2, 1000)`);
  old.close();
  const store = sqlite(file);
  await store.migrate();
  await store.migrate();
  expect(await store.list({ owner: "u1" }, { limit: 9 })).toMatchObject([{ name: "Old", rev: 3, state: "succeeded" }]);
  await insertEnded(store);
  expect(await store.list({}, { limit: 9 })).toHaveLength(2);
  await store.close();
});

test("several processes that start at once on an empty file migrate it once", async () => {
  const file = freshDatabase();
  const stores = Array.from({ length: 5 }, () => sqlite(file));
  await Promise.all(stores.map((store) => store.migrate()));
  const run = await insert(stores[0] as ReturnType<typeof sqlite>);
  for (const store of stores) expect(await store.get([run.id])).toEqual([run]);
  await Promise.all(stores.map((store) => store.close()));
});

test("a write that waits for another process's lock ends in words when the store is closed meanwhile", async () => {
  const file = freshDatabase();
  const store = sqlite(file);
  await store.migrate();
  const locker = new DatabaseSync(file);
  locker.exec("BEGIN IMMEDIATE");
  const waiting = insert(store);
  await store.close();
  await expect(waiting).rejects.toThrow(StoreError);
  await expect(waiting).rejects.toThrow(/was closed/);
  locker.exec("ROLLBACK");
  locker.close();
});

test("a write waits for another process's lock without stopping the event loop", async () => {
  const file = freshDatabase();
  const store = sqlite(file);
  await store.migrate();
  const locker = new DatabaseSync(file);
  locker.exec("BEGIN IMMEDIATE");
  const waiting = insert(store);
  let turns = 0;
  while (turns < 50) {
    await new Promise((done) => setImmediate(done));
    turns += 1;
  }
  locker.exec("ROLLBACK");
  locker.close();
  expect(await store.get([(await waiting).id])).toHaveLength(1);
  await store.close();
});
