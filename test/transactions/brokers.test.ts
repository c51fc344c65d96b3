import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { database as databaseBroker } from "../../src/brokers/database.ts";
import { graphileWorker } from "../../src/brokers/graphile-worker.ts";
import type { Broker, Delivery } from "../../src/index.ts";
import { postgres } from "../../src/stores/postgres.ts";
import { openErrand } from "../runtime/fixture.ts";
import { patiently } from "../support/patiently.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { asked } from "./asked.ts";

let database: TestDatabase;
let elsewhere: TestDatabase;

beforeAll(async () => {
  [database, elsewhere] = await Promise.all([createDatabase(), createDatabase()]);
});

afterAll(() => Promise.all([database.drop(), elsewhere.drop()]));

async function client(): Promise<pg.Client> {
  const connected = new pg.Client({ connectionString: database.url });
  await connected.connect();
  onTestFinished(() => connected.end());
  return connected;
}

/** The broker, and what it was given, and whether in a transaction. */
function watched(broker: Broker): { broker: Broker; dispatched: { runIds: string[]; within: boolean }[] } {
  const dispatched: { runIds: string[]; within: boolean }[] = [];
  const dispatch = (deliveries: readonly Delivery[], ...rest: [transaction?: Parameters<Broker["dispatch"]>[1]]): Promise<void> => {
    dispatched.push({ runIds: deliveries.map(({ runId }) => runId), within: rest[0] !== undefined });
    return broker.dispatch(deliveries, ...rest);
  };
  return { broker: { ...broker, dispatch }, dispatched };
}

function opened(broker: Broker, options: Parameters<typeof openErrand>[0] = {}) {
  const errand = openErrand({ database: database.url, broker, ...options });
  const echo = errand.task({ name: "echo", input: z.string(), run: async (text) => text });
  return { errand, echo };
}

test("graphile-worker on the same database gets its job in the transaction itself", async () => {
  const { broker, dispatched } = watched(graphileWorker(database.url));
  const { errand, echo } = opened(broker, { sweepEvery: "1h" });
  await errand.start();
  const transaction = await client();
  await transaction.query("BEGIN");
  const undone = await echo.delay("undone", { transaction });
  await transaction.query("ROLLBACK");
  await transaction.query("BEGIN");
  const kept = await echo.delay("kept", { transaction });
  const { rows } = await transaction.query("SELECT key FROM graphile_worker.jobs");
  expect(rows).toEqual([{ key: `${kept.id}-1` }]);
  await transaction.query("COMMIT");
  expect(await kept.result()).toBe("kept");
  await expect(undone.result()).rejects.toThrow(/rolled back/);
  expect(dispatched).toEqual([
    { runIds: [undone.id], within: true },
    { runIds: [kept.id], within: true },
  ]);
});

test("graphile-worker on another database gets its job after the commit", async () => {
  const { broker, dispatched } = watched(graphileWorker(elsewhere.url));
  const { errand, echo } = opened(broker, { sweepEvery: "1h" });
  await errand.start();
  const transaction = await client();
  await transaction.query("BEGIN");
  const kept = await echo.delay("kept", { transaction });
  expect(dispatched).toEqual([]);
  await transaction.query("COMMIT");
  expect(await kept.result()).toBe("kept");
  expect(dispatched).toEqual([{ runIds: [kept.id], within: false }]);
});

test("a transactional broker that fails without harm to the transaction is dispatched to after the commit", async () => {
  const failing = watched({ ...graphileWorker(database.url), joins: () => Promise.reject(new Error("It is away.")) });
  const { errand, echo } = opened(failing.broker, { sweepEvery: "1h" });
  await errand.start();
  const transaction = await client();
  await transaction.query("BEGIN");
  const kept = await echo.delay("kept", { transaction });
  expect(failing.dispatched).toEqual([]);
  await transaction.query("COMMIT");
  expect(await kept.result()).toBe("kept");
});

test("a transactional broker that breaks the transaction is told of at once", async () => {
  const { broker } = watched({
    ...graphileWorker(database.url),
    joins: async (executor) => (await executor.query("SELECT nothing FROM nowhere", [])).rows.length > 0,
  });
  const { errand, echo } = opened(broker);
  await errand.start();
  const transaction = await client();
  await transaction.query("BEGIN");
  await expect(echo.delay("lost", { transaction })).rejects.toThrow(/nowhere/);
  await transaction.query("ROLLBACK");
  expect(await errand.list({ states: ["pending"] }, { limit: 9 })).toEqual([]);
});

test("every process hears of the run with the commit, and not before", async () => {
  const { errand, echo } = opened(graphileWorker(elsewhere.url), { worker: false });
  await errand.start();
  const other = postgres(database.url);
  onTestFinished(() => other.close());
  const heard: string[] = [];
  onTestFinished(other.watch((written) => heard.push(...(written ?? []).map(({ id, state }) => `${state} ${id}`))));
  const transaction = await client();
  const { id } = await echo.start("heard when it listens", {}); // The listening is under way once something was heard.
  await expect.poll(() => heard, patiently).toContain(`pending ${id}`);
  await transaction.query("BEGIN");
  const begun = [await echo.delay("one", { transaction }), await echo.delay("two", { transaction })];
  const before = await echo.start("in between", {});
  await expect.poll(() => heard, patiently).toContain(`pending ${before.id}`);
  for (const started of begun) expect(heard).not.toContain(`pending ${started.id}`);
  await transaction.query("COMMIT");
  await expect.poll(() => heard, patiently).toEqual(expect.arrayContaining(begun.map((started) => `pending ${started.id}`)));
});

test("however often it is asked for meanwhile, an open transaction is not taken for one that has ended", async () => {
  const { store, often } = asked(postgres(database.url));
  const { errand, echo } = opened(databaseBroker({ store }), { database: store });
  await errand.start();
  const transaction = await client();
  await transaction.query("BEGIN");
  const started = await echo.delay("patient", { transaction });
  await often;
  await transaction.query("COMMIT");
  expect(await started.result()).toBe("patient");
  await errand.close();
  await store.close();
});

test("with the notifications cut off, the run begins all the same", async () => {
  const store = postgres({ url: database.url, listen: false });
  const silent = Object.assign(store, { watch: () => () => undefined });
  const { errand, echo } = opened(databaseBroker({ store: silent }), { database: silent });
  await errand.start();
  const transaction = await client();
  await transaction.query("BEGIN");
  const kept = await echo.delay("kept", { transaction });
  const undone = await echo.delay("undone", { transaction });
  expect(undone.run.state).toBe("pending");
  await transaction.query("COMMIT");
  expect(await kept.result()).toBe("kept");
  expect(await undone.result()).toBe("undone");
  await errand.close();
  await store.close();
});

test("a transaction on another database is refused with both names", async () => {
  const { errand, echo } = opened(graphileWorker(database.url));
  await errand.start();
  const other = new pg.Client({ connectionString: elsewhere.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  const refused = echo.delay("refused", { transaction: other });
  await expect(refused).rejects.toMatchObject({ code: "ERRAND_CONFIGURATION" });
  await expect(refused).rejects.toThrow(new RegExp(`on the database "${name(elsewhere)}", but runs are kept in "${name(database)}"`));
});

test("a role without the right to insert runs is told which one it needs, and one with it needs no more", async () => {
  const { errand, echo } = opened(graphileWorker(elsewhere.url));
  await errand.start();
  const role = `${name(database)}_role`;
  const transaction = await client();
  const owner = await client();
  await owner.query(`CREATE ROLE ${role}`);
  onTestFinished(async () => {
    await transaction.query("RESET ROLE");
    await transaction.query(`DROP OWNED BY ${role}`);
    await transaction.query(`DROP ROLE ${role}`);
  });
  await transaction.query(`SET ROLE ${role}`);
  await transaction.query("BEGIN");
  await expect(echo.delay("refused", { transaction })).rejects.toThrow(/GRANT USAGE ON SCHEMA "errand", and SELECT and INSERT ON "errand"\.errand_runs/);
  await transaction.query("ROLLBACK");
  await owner.query(`GRANT USAGE ON SCHEMA errand TO ${role}`);
  await owner.query(`GRANT SELECT, INSERT ON errand.errand_runs TO ${role}`);
  await transaction.query("BEGIN");
  const kept = await echo.delay("kept", { transaction });
  await transaction.query("COMMIT");
  expect(await kept.result()).toBe("kept");
});

test("settings of the app's connection are minded, and stay as they are", async () => {
  const { errand, echo } = opened(graphileWorker(database.url));
  await errand.start();
  const transaction = await client();
  await transaction.query(
    "SET search_path TO pg_temp; SET TimeZone TO 'Asia/Kathmandu'; SET DateStyle TO 'German'; SET extra_float_digits TO -5; SET standard_conforming_strings TO off",
  );
  await transaction.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
  const kept = await echo.delay('back\\slash "and" quotes', { transaction });
  await transaction.query("COMMIT");
  expect((await transaction.query("SHOW search_path")).rows).toEqual([{ search_path: "pg_temp" }]);
  expect(await kept.result()).toBe('back\\slash "and" quotes');
  expect(Math.abs(kept.run.created - Date.now())).toBeLessThan(3_600_000);
});

test("a connection that breaks in the middle of a transaction has rolled it back", async () => {
  const { errand, echo } = opened(graphileWorker(elsewhere.url));
  await errand.start();
  const transaction = new pg.Client({ connectionString: database.url });
  const broken = new Promise<Error>((heard) => transaction.on("error", heard));
  await transaction.connect();
  await transaction.query("BEGIN");
  const lost = await echo.delay("lost", { transaction });
  const { rows } = await transaction.query("SELECT pg_backend_pid() AS pid");
  await (await client()).query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
  await broken;
  await expect(lost.result()).rejects.toThrow(/rolled back/);
  await transaction.end();
});

test("what a process has committed before it died is found by another one", async () => {
  const first = opened(graphileWorker(elsewhere.url), { worker: false });
  await first.errand.start();
  const transaction = await client();
  await transaction.query("BEGIN");
  const { id } = await first.echo.start("after all", { transaction });
  await first.errand.close({ grace: 0 });
  await transaction.query("COMMIT");
  const { errand } = opened(graphileWorker(elsewhere.url), { sweepEvery: 100, lease: "2s" });
  await errand.start();
  await expect.poll(() => errand.get(id), patiently).toMatchObject({ state: "succeeded", result: "after all" });
});

function name({ url }: TestDatabase): string {
  return new URL(url).pathname.slice(1);
}
