import { type AddressInfo, createServer } from "node:net";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { StoreError } from "../../src/core/errors.ts";
import type { Run } from "../../src/core/run.ts";
import type { Store, Write, WrittenRun } from "../../src/core/store.ts";
import { postgres } from "../../src/stores/postgres.ts";
import { change, insert, insertClaimed, newArtifact, newRun } from "../../src/testing/index.ts";
import { until } from "../../src/testing/until.ts";
import { admin, claimed, databaseUrl, mine, otherTransaction, schema, settled, stores, watchedStore } from "./postgres-place.ts";

test("a row that somebody keeps locked holds up neither the leases nor the writes of others", async () => {
  const [store] = (await stores(1)) as [Store];
  const runs = [await insertClaimed(store), await insertClaimed(store), await insertClaimed(store)];
  const [locked, ...free] = runs.map(({ id }) => id) as [string, string, string];
  const other = await otherTransaction();
  await other.query(`SELECT id FROM ${schema()}.errand_runs WHERE id = $1 FOR UPDATE`, [locked]);
  expect((await store.renew("worker-1", 60_000)).map(({ id }) => id).toSorted()).toEqual(free.toSorted());
  const results = await store.write(runs.map(settled));
  expect(results.map((result) => (result instanceof Error ? (result as StoreError).failure : result?.state))).toEqual(["busy", "succeeded", "succeeded"]);
  await other.query("COMMIT");
  expect((await store.renew("worker-1", 60_000)).map(({ id }) => id)).toEqual([locked]);
  expect(await store.write([settled({ id: locked })])).toMatchObject([{ state: "succeeded" }]);
});

test("a server that lets no statement take long: a locked row fails alone, and in words", async () => {
  const [patient] = (await stores(1)) as [Store];
  const runs = [await insertClaimed(patient), await insertClaimed(patient), await insertClaimed(patient)];
  const url = databaseUrl();
  const name = url.pathname.slice(1);
  await admin.query(`ALTER DATABASE ${name} SET statement_timeout TO 1000`);
  onTestFinished(async () => void (await admin.query(`ALTER DATABASE ${name} RESET statement_timeout`)));
  const store = postgres({ url: url.href, schema: schema() });
  onTestFinished(() => store.close());
  const other = await otherTransaction();
  await other.query(`SELECT id FROM ${schema()}.errand_runs WHERE id = $1 FOR UPDATE`, [runs[0]?.id]);
  const results = await store.write(runs.map(settled));
  expect(results).toMatchObject([{ failure: "busy", temporary: true }, { state: "succeeded" }, { state: "succeeded" }]);
});

test("a row that somebody keeps locked holds up what else is written for a moment only", async () => {
  const [store] = (await stores(1)) as [Store];
  const run = await insertClaimed(store);
  const other = await otherTransaction();
  await other.query(`SELECT id FROM ${schema()}.errand_runs WHERE id = $1 FOR UPDATE`, [run.id]);
  const waiting = store.write([settled(run)]);
  const another = await insert(store);
  expect(await store.write([claimed(another)])).toMatchObject([{ state: "in_progress" }]);
  expect(await store.write([settled(another)])).toMatchObject([{ state: "succeeded" }]);
  await other.query("COMMIT");
  expect(await waiting).toMatchObject([{ state: "succeeded" }]);
});

test("what waits for a row and then finds it no longer held leaves nothing", async () => {
  const [store] = (await stores(1)) as [Store];
  const run = await insertClaimed(store);
  const other = await otherTransaction();
  await other.query(`UPDATE ${schema()}.errand_runs SET state = 'succeeded', rev = rev + 1 WHERE id = $1`, [run.id]);
  const leaving = store.insertArtifact(newArtifact(run), mine);
  const waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%errand_artifacts%'";
  await until("the store waits for the row", async () => (await admin.query(waits)).rowCount === 1);
  await other.query("COMMIT");
  expect(await leaving).toBeNull();
  expect(await store.getWithArtifacts(run.id)).toMatchObject({ run: { state: "succeeded", rev: run.rev + 1 }, artifactIds: [] });
});

test("connections that are cut lose no write, repeat none, and the watch goes on", async () => {
  const url = databaseUrl();
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
    `SELECT count(*)::integer AS count, count(DISTINCT id)::integer AS ids, max(rev)::integer AS rev FROM ${schema()}.errand_runs`,
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
