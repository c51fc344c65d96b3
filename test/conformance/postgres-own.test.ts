import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { StoreError } from "../../src/core/errors.ts";
import type { Run } from "../../src/core/run.ts";
import type { Store, Write, WrittenRun } from "../../src/core/store.ts";
import { open, postgres } from "../../src/stores/postgres.ts";
import { change, claim, insert, insertClaimed, newArtifact, newRun } from "../../src/testing/index.ts";
import { until } from "../../src/testing/until.ts";
import { WatchedPool } from "../support/watched-pool.ts";

import { admin, claimed, databaseUrl, mine, schema, settled, stores, watchedStore } from "./postgres-place.ts";

test("statements per run: what is written together is one statement, whatever the number", async () => {
  const { store, pool } = await watchedStore();
  const counts: Record<string, number> = {};
  const count = async (what: string, work: () => Promise<unknown>) => {
    await work();
    counts[what] = pool.take().length;
  };
  for (const size of [1, 100]) {
    const runs = Array.from({ length: size }, () => newRun());
    const all = async (write: (run: Pick<Run, "id">) => Write) => {
      for (const result of await store.write(runs.map(write))) expect(result).toMatchObject({ id: expect.any(String) });
    };
    await count(`insert ${size}`, () => all((insert) => ({ insert: insert as ReturnType<typeof newRun> })));
    await count(`claim ${size}`, () => all(claimed));
    await count(`settle ${size}`, () => all(settled));
  }
  await count("100 writes by 100 callers", () => Promise.all(Array.from({ length: 100 }, () => insert(store))));
  const run = await insertClaimed(store);
  pool.take();
  await count("leave an artifact", () => store.insertArtifact(newArtifact(run), mine));
  await count("leave, no longer held", () => store.insertArtifact(newArtifact(run), { ...mine, attempt: 2 }));
  await count("fail, and leave why", () =>
    change(store, run, { states: ["in_progress"], ...mine }, { set: { state: "failed", ended: { fromNow: 0 } } }, { leave: newArtifact(run) }),
  );
  expect(await store.listArtifacts([run.id])).toHaveLength(2);
  pool.take();
  await count("a poll", async () => store.getWithArtifacts(newRun().id));
  await count("migrate again", () => store.migrate());
  process.stdout.write(`statements sent: ${JSON.stringify(counts)}\n`);
  expect(counts).toEqual({
    "insert 1": 1,
    "claim 1": 1,
    "settle 1": 1,
    "insert 100": 1,
    "claim 100": 1,
    "settle 100": 1,
    "100 writes by 100 callers": 1,
    "leave an artifact": 1,
    "leave, no longer held": 1,
    "fail, and leave why": 1,
    "a poll": 1,
    "migrate again": 2,
  });
});

test("inserts of one call stand at once, whether linked, due now or later", async () => {
  const { store, pool } = await watchedStore();
  const link = { kind: "group", root: null, position: 0, weight: 1, blocked: false, onFailure: "stop", template: null } as const;
  const [root, child, later] = [newRun({ link }), newRun(), newRun({ runAt: 4_000_000_000_000 })];
  await store.write([
    { insert: root },
    { insert: { ...child, parent: root.id, link: { ...link, kind: null, root: root.id, position: 0, weight: 3, blocked: true } } },
    { insert: later },
  ]);
  expect(pool.take()).toHaveLength(1);
  const { rows } = await admin.query(`SELECT kind, root, position, weight, blocked, run_at > 3000000000000 AS far FROM ${schema()}.errand_runs ORDER BY id`);
  expect(rows).toEqual([
    { kind: "group", root: null, position: 0, weight: 1, blocked: null, far: false },
    { kind: null, root: root.id, position: 0, weight: 3, blocked: 1, far: false },
    { kind: null, root: null, position: null, weight: 1, blocked: null, far: true },
  ]);
});

test("of many rows of one statement, only the one at fault fails", async () => {
  const [store] = (await stores(1)) as [Store];
  const there = await insert(store);
  const runs = [newRun(), newRun({ priority: 2 ** 40 }), newRun({ id: there.id, name: "again" }), newRun()];
  const results = await store.write(runs.map((insert) => ({ insert })));
  expect(results.map((result) => (result instanceof Error ? result.message : result?.id))).toEqual([
    runs[0]?.id,
    expect.stringMatching(/out of range/),
    expect.stringMatching(/already has a run/),
    runs[3]?.id,
  ]);
  expect(results[2]).toMatchObject({ failure: "conflict" });
  expect(await store.get([there.id])).toEqual([there]);
});

test("many large inputs of one moment go in several statements", async () => {
  const { store, pool } = await watchedStore();
  const input = JSON.stringify("x".repeat(1_000_000));
  const runs = await Promise.all(Array.from({ length: 40 }, () => insert(store, { input })));
  expect(runs).toHaveLength(40);
  expect(pool.take()).toHaveLength(3); // 16 MB each, and the rest.
});

test("whatever a text holds, it comes back from a statement of many rows", async () => {
  const { store, pool } = await watchedStore();
  const texts = [
    '"',
    "\\",
    '\\"',
    "NULL",
    "null",
    "",
    " ",
    "{}",
    '{"a",b}',
    ",",
    "a\nb\r\tc\u0001\u001f\u007f",
    "\u2028\u00e9\u20ac",
    "\u{1f3ab}",
    "$1",
    "'",
    "\\n",
  ];
  const runs = texts.map((text) => newRun({ name: `x${text}x`, owner: text, input: JSON.stringify({ text }) }));
  await store.write(runs.map((insert) => ({ insert })));
  expect(pool.take()).toHaveLength(1);
  const found = new Map((await store.get(runs.map(({ id }) => id))).map((run) => [run.id, run]));
  for (const { id, name, owner, input } of runs) {
    expect(found.get(id)).toMatchObject({ name, owner });
    expect(await store.input(id)).toBe(input);
  }
  const [nul, lone] = [newRun({ name: "a\0b" }), newRun({ name: "a\ud800b" })];
  await store.write([{ insert: nul }, { insert: lone }]);
  expect((await store.get([nul.id, lone.id])).map(({ name }) => name).toSorted()).toEqual(["ab", "a\ufffdb"]);
});

test("two changes of one run in one call, or by callers at the same time, are done one after the other", async () => {
  const [store] = (await stores(1)) as [Store];
  const run = await insert(store);
  const step = (completedSteps: number): Write => ({ change: { id: run.id, guard: { states: ["pending"] }, patch: { set: { completedSteps } } } });
  const results = await store.write([step(1), step(2), { change: { id: run.id, guard: { states: ["pending"] }, patch: { set: { name: "last" } } } }, step(3)]);
  expect(results).toMatchObject([
    { rev: 2, completedSteps: 1 },
    { rev: 3, completedSteps: 2 },
    { rev: 4, name: "last" },
    { rev: 5, completedSteps: 3 },
  ]);
  await Promise.all(Array.from({ length: 20 }, (_, index) => store.write([step(index)])));
  expect(await store.get([run.id])).toMatchObject([{ rev: 25 }]);
});

test("a notification says which runs were written, to others only", async () => {
  const [store, other] = (await stores(2)) as [Store, Store];
  const own: (WrittenRun | "anything")[] = [];
  const heard: (WrittenRun | "anything")[] = [];
  const note = (list: typeof own) => (written?: readonly WrittenRun[]) => void list.push(...(written ?? ["anything" as const]));
  onTestFinished(store.watch(note(own)));
  onTestFinished(other.watch(note(heard)));
  await until("both listen", () => own.length > 0 && heard.length > 0);
  const run = await insert(store);
  const { id } = (await claim(store, run)) as Run;
  await until("the other handle heard of the claim", () => heard.some((each) => each !== "anything" && each.id === id && each.state === "in_progress"));
  expect(own.filter((each) => each !== "anything")).toEqual([]);
  await insert(other);
  await until("this handle heard of the other's insert", () => own.some((each) => each !== "anything" && each.state === "pending"));
  heard.length = 0;
  await store.hide([run.id]);
  await until("the other heard that anything has changed", () => heard.includes("anything"));
});

test("who cannot listen looks now and then", async () => {
  const [store] = (await stores(1, { listen: false })) as [Store];
  const told: unknown[] = [];
  onTestFinished(store.watch((written) => void told.push(written)));
  await until("it was told to look, twice", () => told.length >= 2);
  expect(new Set(told)).toEqual(new Set([undefined]));
});

test("an app's pool is used as it is: other search path, other types, and it stays open", async () => {
  const types = { getTypeParser: () => () => "spoiled" };
  const pool = new pg.Pool({ connectionString: databaseUrl().href, options: "-c search_path=pg_catalog", types, max: 2 });
  const store = postgres({ pool, schema: 'The app\'s "own"' });
  await store.migrate();
  const run = await insertClaimed(store, { totalSteps: 7 });
  expect(await store.get([run.id])).toMatchObject([{ totalSteps: 7, rev: 2, created: run.created }]);
  expect(await store.renew("worker-1", 1000)).toHaveLength(1);
  await store.close();
  expect((await pool.query("SHOW search_path")).rows).toEqual([{ search_path: "spoiled" }]);
  expect((await pool.query({ text: "SHOW search_path", types: { getTypeParser: () => String } })).rows).toEqual([{ search_path: "pg_catalog" }]);
  await pool.end();
});

test("without prepared statements, all works the same and none is kept", async () => {
  const pool = new WatchedPool(databaseUrl().href);
  onTestFinished(() => pool.pool.end());
  const [store] = (await stores(1, { pool, prepare: false, listen: false })) as [Store];
  await insertClaimed(store);
  const client = await pool.pool.connect();
  expect((await client.query("SELECT name FROM pg_prepared_statements")).rows).toEqual([]);
  client.release();
});

test("two schemas of one database know nothing of each other", async () => {
  const [[one], [two]] = (await Promise.all([stores(1), stores(1)])) as [[Store], [Store]];
  const run = await insert(one);
  expect(await two.get([run.id])).toEqual([]);
  expect(await two.write([{ insert: newRun({ id: run.id }) }])).toMatchObject([{ id: run.id }]);
});

test("many handles that start at once on an empty database migrate it once", async () => {
  const all = Array.from({ length: 8 }, () => postgres({ url: databaseUrl().href, schema: "own_together", max: 1 }));
  await Promise.all(all.map((store) => store.migrate()));
  const { rows } = await admin.query(`SELECT count(*)::integer = max(number) AS once FROM own_together.errand_migrations`);
  expect(rows).toEqual([{ once: true }]);
  await Promise.all(all.map((store) => store.close()));
});

test("columns that a newer version has added meanwhile disturb nobody who is at work", async () => {
  const [store] = (await stores(1)) as [Store];
  const run = await insertClaimed(store);
  const artifact = newArtifact(run);
  await store.insertArtifact(artifact, mine);
  const { id } = artifact;
  const worker = { id: "worker-1", host: "here", pid: 1, queues: [], concurrency: 1 };
  const all = async () => {
    await store.atWork(worker, 60_000);
    await store.resizeArtifact(id, 5, mine);
    return [
      await store.getArtifact(id),
      ...(await store.listArtifacts([run.id])),
      ...(await store.pageArtifacts({}, { limit: 9 })),
      ...(await store.workers()),
    ];
  };
  const before = await all();
  for (const table of ["runs", "artifacts", "workers"]) await admin.query(`ALTER TABLE ${schema()}.errand_${table} ADD COLUMN later INTEGER`);
  const after = await all();
  expect(after.map((row) => Object.keys(row ?? {}))).toEqual(before.map((row) => Object.keys(row ?? {})));
});

test("a schema of a newer version is refused", async () => {
  const [store, other] = (await stores(2)) as [Store, Store];
  await store.migrate();
  await admin.query(`INSERT INTO ${schema()}.errand_migrations VALUES (9999, 'future')`);
  await expect(other.migrate()).rejects.toMatchObject({ failure: "newer_schema" });
});

test("another thread opens the same database by its address, and close ends every connection", async () => {
  const url = databaseUrl();
  url.searchParams.set("application_name", "to be closed");
  const [store] = (await stores(1, { url: url.href })) as [Store];
  const run = await insert(store);
  const again = open(structuredClone(store.address?.options));
  expect(await again.get([run.id])).toEqual([run]);
  expect(await import(store.address?.module as string)).toHaveProperty("open");
  let heard = false;
  again.watch(() => (heard = true));
  await until("it was told to look", () => heard);
  await Promise.all([again.close(), again.close(), store.close()]);
  await until("no connection is left", async () => (await admin.query("SELECT FROM pg_stat_activity WHERE application_name = 'to be closed'")).rowCount === 0);
});

test.each([
  ["nobody listens there", "postgres://me:secret@127.0.0.1:1/place", "unavailable", /127\.0\.0\.1:1\/place cannot be reached/],
  ["there is no such database", "nowhere", "cannot_open", /no database .*nowhere/],
  ["it was not migrated", "", "cannot_open", /errand migrate/],
] as const)("in words, without the password: %s", async (_, place, failure, words) => {
  const url = new URL(place.startsWith("postgres:") ? place : databaseUrl().href);
  if (place === "nowhere") url.pathname = "/nowhere";
  const store = postgres({ url: url.href, schema: "not_there" });
  const error = await Promise.resolve(store.get([newRun().id])).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ failure, message: expect.stringMatching(words) });
  expect((error as Error).message).not.toContain("secret");
  await store.close();
});
