import { type AddressInfo, createServer } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { StoreError } from "../../src/core/errors.ts";
import type { Run } from "../../src/core/run.ts";
import type { Store, Write, WrittenRun } from "../../src/core/store.ts";
import { open, type PostgresOptions, postgres } from "../../src/stores/postgres.ts";
import { change, claim, insert, insertClaimed, newArtifact, newRun } from "../../src/testing/index.ts";
import { until } from "../../src/testing/until.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { WatchedPool } from "../support/watched-pool.ts";

let database: TestDatabase;
let admin: pg.Client;
let schemas = 0;

beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** Stores in one schema of their own, migrated. */
async function stores(count: number, options: PostgresOptions = {}): Promise<Store[]> {
  schemas += 1;
  const all = Array.from({ length: count }, () => postgres({ url: database.url, schema: `own_${schemas}`, max: 4, ...options }));
  onTestFinished(async () => void (await Promise.all(all.map((store) => store.close()))));
  await all[0]?.migrate();
  return all;
}

async function watchedStore(): Promise<{ store: Store; pool: WatchedPool }> {
  const pool = new WatchedPool(database.url);
  onTestFinished(() => pool.pool.end());
  const [store] = (await stores(1, { pool, listen: false })) as [Store];
  pool.take();
  return { store, pool };
}

const mine = { attempt: 1, worker: "worker-1" };
const held = { states: ["in_progress"], ...mine } as const;
const settled = (run: Pick<Run, "id">): Write => ({
  change: { id: run.id, guard: held, patch: { set: { state: "succeeded", ended: { fromNow: 0 } } } },
});
const claimed = (run: Pick<Run, "id">): Write => ({
  change: {
    id: run.id,
    guard: { states: ["pending"], attempt: 0, due: true },
    patch: { set: { state: "in_progress", worker: "worker-1", lease: { fromNow: 60_000 }, timeoutAt: "from_timeout" }, add: { attempt: 1 } },
    claim: true,
  },
});

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
  await count("fail, and leave why", () => change(store, run, held, { set: { state: "failed", ended: { fromNow: 0 } } }, { leave: newArtifact(run) }));
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
    "100 writes by 100 callers": 2, // Side by side.
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
  const { rows } = await admin.query(`SELECT kind, root, position, weight, blocked, run_at > 3000000000000 AS far FROM own_${schemas}.errand_runs ORDER BY id`);
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

test("a row that somebody keeps locked holds up neither the leases nor the writes of others", async () => {
  const [store] = (await stores(1)) as [Store];
  const runs = [await insertClaimed(store), await insertClaimed(store), await insertClaimed(store)];
  const [locked, ...free] = runs.map(({ id }) => id) as [string, string, string];
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  await other.query(`SELECT id FROM own_${schemas}.errand_runs WHERE id = $1 FOR UPDATE`, [locked]);
  expect((await store.renew("worker-1", 60_000)).map(({ id }) => id).toSorted()).toEqual(free.toSorted());
  const results = await store.write(runs.map(settled));
  expect(results.map((result) => (result instanceof Error ? (result as StoreError).failure : result?.state))).toEqual(["busy", "succeeded", "succeeded"]);
  await other.query("COMMIT");
  expect((await store.renew("worker-1", 60_000)).map(({ id }) => id)).toEqual([locked]);
  expect(await store.write([settled({ id: locked })])).toMatchObject([{ state: "succeeded" }]);
});

test("a server that lets no statement take long: a locked row fails alone, and in words", async () => {
  const url = new URL(database.url);
  const name = url.pathname.slice(1);
  await admin.query(`ALTER DATABASE ${name} SET statement_timeout TO 300`);
  onTestFinished(async () => void (await admin.query(`ALTER DATABASE ${name} RESET statement_timeout`)));
  const [store] = (await stores(1)) as [Store];
  const runs = [await insertClaimed(store), await insertClaimed(store), await insertClaimed(store)];
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  await other.query(`SELECT id FROM own_${schemas}.errand_runs WHERE id = $1 FOR UPDATE`, [runs[0]?.id]);
  const results = await store.write(runs.map(settled));
  expect(results).toMatchObject([{ failure: "busy", temporary: true }, { state: "succeeded" }, { state: "succeeded" }]);
});

test("what waits for a row and then finds it no longer held leaves nothing", async () => {
  const [store] = (await stores(1)) as [Store];
  const run = await insertClaimed(store);
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  await other.query(`UPDATE own_${schemas}.errand_runs SET state = 'succeeded', rev = rev + 1 WHERE id = $1`, [run.id]);
  const leaving = store.insertArtifact(newArtifact(run), mine);
  const waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%errand_artifacts%'";
  await until("the store waits for the row", async () => (await admin.query(waits)).rowCount === 1);
  await other.query("COMMIT");
  expect(await leaving).toBeNull();
  expect(await store.getWithArtifacts(run.id)).toMatchObject({ run: { state: "succeeded", rev: run.rev + 1 }, artifactIds: [] });
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

test("connections that are cut lose no write, repeat none, and the watch goes on", async () => {
  const url = new URL(database.url);
  url.searchParams.set("application_name", "to be cut");
  const [store, other] = (await stores(2, { url: url.href })) as [Store, Store];
  const heard = new Set<string>();
  const note = (written: readonly WrittenRun[] = []) => {
    for (const { id } of written) heard.add(id);
  };
  onTestFinished(other.watch(note));
  const cut = () => admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be cut' AND datname = current_database()");
  const inserted: Run[] = [];
  const wrong: unknown[] = [];
  let going = true;
  const loads = Array.from({ length: 8 }, async () => {
    while (going) {
      const run = await insert(store);
      inserted.push(run);
      try {
        const changed = await change(store, run, { states: ["pending"] }, { set: { name: "changed" } });
        if (changed?.rev !== 2) wrong.push(changed);
      } catch (error) {
        if (!(error instanceof StoreError && error.failure === "unavailable")) wrong.push(error);
      }
      if ((await store.get([run.id])).length !== 1) wrong.push(run);
    }
  });
  for (let round = 1; round <= 8; round += 1) {
    await until("some more are written", () => inserted.length > round * 20);
    await cut();
  }
  going = false;
  await Promise.all(loads);
  expect(wrong).toEqual([]);
  const { rows } = await admin.query(
    `SELECT count(*)::integer AS count, count(DISTINCT id)::integer AS ids, max(rev)::integer AS rev FROM own_${schemas}.errand_runs`,
  );
  expect(rows).toEqual([{ count: inserted.length, ids: inserted.length, rev: 2 }]);
  const since: string[] = [];
  await until("the watch that was cut off hears of runs again", async () => since.push((await insert(store)).id) > 0 && since.some((id) => heard.has(id)));
});

test("an answer that was lost: an insert is found done, of a change it is said that nobody knows", async () => {
  const { store, pool } = await watchedStore();
  const row = newRun();
  pool.loseAnswerTo = /insert into/;
  expect(await store.write([{ insert: row }])).toMatchObject([{ id: row.id, rev: 1 }]);
  pool.loseAnswerTo = /update/;
  const [lost] = await store.write([claimed(row)]);
  expect(lost).toMatchObject({ failure: "unavailable", temporary: true, message: expect.stringMatching(/not known/) });
  expect(await store.held("worker-1")).toMatchObject([{ id: row.id }]);
  const [left, error] = [newArtifact({ id: row.id, attempt: 1 }), newArtifact({ id: row.id, attempt: 1 })];
  pool.loseAnswerTo = /errand_artifacts/;
  await expect(store.insertArtifact(left, mine)).rejects.toMatchObject({ failure: "unavailable", message: expect.stringMatching(/not known/) });
  expect(await store.getWithArtifacts(row.id)).toMatchObject({ run: { rev: 3 }, artifactIds: [left.id] });
  pool.loseAnswerTo = /COMMIT/;
  const { change: settle } = settled(row) as Extract<Write, { change: object }>;
  const ledger = { restart: ["rows"], failures: [] };
  expect(await store.write([{ change: { ...settle, leave: error, ledger } }])).toMatchObject([{ failure: "unavailable" }]);
  expect(await store.getWithArtifacts(row.id)).toMatchObject({ run: { rev: 4, state: "succeeded" }, artifactIds: [left.id, error.id] });
  pool.loseAnswerTo = /COMMIT/;
  const keyed = newRun();
  const key = { task: keyed.task, scope: "u1", address: "/a", seen: null, good: null, failures: 0, keep: false };
  expect(await store.write([{ insert: keyed, claim: key }])).toMatchObject([{ id: keyed.id }]);
});

test("an answer that was lost, and then a row of the same statement at fault: of the others it is known that they may be done", async () => {
  const { store, pool } = await watchedStore();
  const [row, another] = [newRun(), newRun()];
  pool.loseAnswerTo = /insert into/;
  pool.refuse = /insert into/;
  expect(await store.write([{ insert: row }, { insert: another }])).toMatchObject([{ id: row.id }, { id: another.id }]);
  pool.loseAnswerTo = /update/;
  pool.refuse = /update/;
  const lost = { failure: "unavailable", message: expect.stringMatching(/not known/) };
  expect(await store.write([claimed(row), claimed(another)])).toMatchObject([lost, lost]);
});

test("an app's pool is used as it is: other search path, other types, and it stays open", async () => {
  const types = { getTypeParser: () => () => "spoiled" };
  const pool = new pg.Pool({ connectionString: database.url, options: "-c search_path=pg_catalog", types, max: 2 });
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
  const pool = new WatchedPool(database.url);
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
  schemas += 1;
  const all = Array.from({ length: 8 }, () => postgres({ url: database.url, schema: `own_${schemas}`, max: 1 }));
  await Promise.all(all.map((store) => store.migrate()));
  const { rows } = await admin.query(`SELECT count(*)::integer = max(number) AS once FROM own_${schemas}.errand_migrations`);
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
  for (const table of ["runs", "artifacts", "workers"]) await admin.query(`ALTER TABLE own_${schemas}.errand_${table} ADD COLUMN later INTEGER`);
  const after = await all();
  expect(after.map((row) => Object.keys(row ?? {}))).toEqual(before.map((row) => Object.keys(row ?? {})));
});

test("a schema of a newer version is refused", async () => {
  const [store, other] = (await stores(2)) as [Store, Store];
  await store.migrate();
  await admin.query(`INSERT INTO own_${schemas}.errand_migrations VALUES (9999, 'future')`);
  await expect(other.migrate()).rejects.toMatchObject({ failure: "newer_schema" });
});

test("another thread opens the same database by its address, and close ends every connection", async () => {
  const url = new URL(database.url);
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

test.each(["its own", "the app's"])("a connection that is ended in the breath in which it was opened ends no process: a pool of %s", async (whose) => {
  const message = (type: string, body: string) => {
    const head = Buffer.from(`${type}\0\0\0\0`);
    head.writeInt32BE(4 + body.length, 1);
    return Buffer.concat([head, Buffer.from(body, "latin1")]);
  };
  // "You are in", "ask", and "terminating connection", as a process reads them that was busy meanwhile.
  const answer = Buffer.concat([message("R", "\0\0\0\0"), message("Z", "I"), message("E", "SFATAL\0C57P01\0Mterminating connection\0\0")]);
  let asked = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      asked += 1;
      socket.end(answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const url = `postgres://me@127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const pool = new pg.Pool({ connectionString: url });
  pool.on("error", () => undefined);
  const store = whose === "its own" ? postgres({ url, listen: false }) : postgres({ pool, listen: false });
  await expect(Promise.resolve(store.get([newRun().id]))).rejects.toMatchObject({ failure: "unavailable" });
  expect(asked).toBeGreaterThan(1);
  await store.close();
  await pool.end();
});

test.each([
  ["nobody listens there", "postgres://me:secret@127.0.0.1:1/place", "unavailable", /127\.0\.0\.1:1\/place cannot be reached/],
  ["there is no such database", "nowhere", "cannot_open", /no database .*nowhere/],
  ["it was not migrated", "", "cannot_open", /errand migrate/],
] as const)("in words, without the password: %s", async (_, place, failure, words) => {
  const url = new URL(place.startsWith("postgres:") ? place : database.url);
  if (place === "nowhere") url.pathname = "/nowhere";
  const store = postgres({ url: url.href, schema: "not_there" });
  const error = await Promise.resolve(store.get([newRun().id])).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ failure, message: expect.stringMatching(words) });
  expect((error as Error).message).not.toContain("secret");
  await store.close();
});
