import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Client, Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type GraphileWorkerOptions, graphileWorker } from "../../src/brokers/graphile-worker.ts";
import type { Broker, Delivery } from "../../src/core/broker.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { newRun } from "../../src/testing/fixtures.ts";
import { until } from "../../src/testing/until.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { startProcess } from "../support/process.ts";

const MINUTE = 60_000;
const ALL = { queues: [], concurrency: 5 };

let database: TestDatabase;
let admin: Client;
let brokers: Broker[] = [];

beforeAll(async () => {
  database = await createDatabase();
  admin = new Client({ connectionString: database.url, application_name: "admin" });
  await admin.connect();
});

afterEach(async () => {
  await Promise.all(brokers.map((each) => each.close()));
  brokers = [];
  await admin.query('drop schema if exists graphile_worker, "Mine ""own""" cascade');
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

function broker(options: GraphileWorkerOptions = { url: database.url }): Required<Broker> {
  const made = graphileWorker(options) as Required<Broker>;
  brokers.push(made);
  return made;
}

function delivery(given: Partial<Delivery> = {}): Delivery {
  return { runId: newRun().id, queue: "default", attempt: 1, priority: 0, runAt: Date.now(), ...given };
}

/** Takes all deliveries, and keeps the ids of their runs. */
async function collect(from: Required<Broker>): Promise<string[]> {
  const handed: string[] = [];
  await from.consume(async ({ runId }) => void handed.push(runId), ALL);
  return handed;
}

async function jobs(): Promise<Record<string, unknown>[]> {
  return (await admin.query("select * from graphile_worker.jobs order by id")).rows;
}

/** Cuts every connection to this test's database but the one it looks with. */
async function cut(): Promise<void> {
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name <> 'admin'");
}

describe("what dead workers held", () => {
  test("is released: another worker gets it at once", async () => {
    const web = broker();
    const [lost, waiting] = [delivery(), delivery({ runAt: Date.now() + MINUTE })];
    await web.dispatch([lost, waiting]);
    const worker = startProcess(new URL("graphile-worker.fixture.ts", import.meta.url), { args: [database.url] });
    await worker.line(new RegExp(`took ${lost.runId}`));
    await worker.kill("SIGKILL");
    expect(await web.missing([lost, waiting])).toEqual([]);
    const handed = await collect(broker());
    await web.release([lost, waiting]);
    await until("the delivery came again", () => handed.includes(lost.runId));
    await until("only the one that waits is left", async () => (await jobs()).length === 1);
    expect(handed).toEqual([lost.runId]);
  });

  test("is found when it was taken long ago and its run still waits", async () => {
    const web = broker();
    const stuck = delivery();
    await web.dispatch([stuck]);
    const take = (ago: string) => admin.query(`update graphile_worker._private_jobs set locked_by = 'gone', locked_at = now() - interval '${ago}'`);
    await take("10 seconds");
    expect(await web.missing([stuck])).toEqual([]);
    expect(await jobs()).toMatchObject([{ locked_by: "gone" }]);
    await take("1 minute");
    expect(await web.missing([stuck])).toEqual([]);
    expect(await jobs()).toMatchObject([{ locked_by: null }]);
  });

  test("is found as soon as was asked for", async () => {
    const [web, hasty] = [broker(), broker({ url: database.url, hold: 2000 })];
    const stuck = delivery();
    await web.dispatch([stuck]);
    await admin.query("update graphile_worker._private_jobs set locked_by = 'gone', locked_at = now() - interval '10 seconds'");
    expect(await web.missing([stuck])).toEqual([]);
    expect(await jobs()).toMatchObject([{ locked_by: "gone" }]);
    expect(await hasty.missing([stuck])).toEqual([]);
    expect(await jobs()).toMatchObject([{ locked_by: null }]);
    for (const hold of [0, 99, 1.5, Number.NaN]) expect(() => graphileWorker({ url: database.url, hold })).toThrow(/hold .* 100 or more/);
  });

  test("a job without a try left is removed, and jobs of others are left alone", async () => {
    const web = broker();
    await web.dispatch([delivery()]);
    await admin.query("select graphile_worker.add_job('mine')");
    await admin.query("select graphile_worker.permanently_fail_jobs(array(select id from graphile_worker.jobs))");
    const handed = await collect(broker());
    expect((await jobs()).map(({ task_identifier }) => task_identifier)).toEqual(["mine"]);
    expect(handed).toEqual([]);
  });
});

describe("dispatch", () => {
  test("in a transaction stands or falls with it", async () => {
    const web = broker();
    const handed = await collect(web);
    const [never, later] = [delivery(), delivery()];
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      const transaction = { query: (text: string, values: readonly unknown[]) => client.query(text, [...values]) };
      await client.query("begin");
      await web.dispatch([never], transaction);
      await client.query("rollback");
      expect(await jobs()).toEqual([]);
      await client.query("begin");
      await web.dispatch([later], transaction);
      expect(await web.missing([never, later])).toEqual([never, later]);
      await client.query("commit");
    } finally {
      await client.end();
    }
    await until("what was committed is delivered", () => handed.includes(later.runId));
    expect(handed).toEqual([later.runId]);
  });

  test("of thousands is complete and in order, and again changes nothing", async () => {
    const web = broker();
    const deliveries = Array.from({ length: 2500 }, () => delivery({ runAt: 1_700_000_000_000 }));
    await web.dispatch(deliveries);
    const before = await jobs();
    await web.dispatch(deliveries.slice(0, 1200));
    const after = await jobs();
    expect(after).toHaveLength(2500);
    expect(after.map(({ run_at }) => run_at)).toEqual(before.map(({ run_at }) => run_at));
    const { rows } = await admin.query("select key from graphile_worker.jobs order by run_at");
    expect(rows.map(({ key }) => key)).toEqual(deliveries.map(({ runId }) => `${runId}-1`));
    const unknown = delivery();
    expect(await web.missing([unknown, ...deliveries])).toEqual([unknown]);
  });

  test("of what is being handled changes nothing", async () => {
    const web = broker();
    const taken = delivery();
    const finish = Promise.withResolvers<void>();
    let handed = 0;
    await web.consume(() => {
      handed += 1;
      return finish.promise;
    }, ALL);
    await web.dispatch([taken]);
    await until("it is under way", () => handed === 1);
    await web.dispatch([taken]);
    expect(await jobs()).toMatchObject([{ key: `${taken.runId}-1`, attempts: 1 }]);
    expect(await web.withdraw(taken)).toBe(false);
    finish.resolve();
    await until("it is done", async () => (await jobs()).length === 0);
    expect(handed).toBe(1);
  });

  test("is taken back by itself, without another attempt or run", async () => {
    const web = broker();
    const [first, other] = [delivery(), delivery()];
    await web.dispatch([first, { ...first, attempt: 12 }, other]);
    expect(await web.withdraw({ ...first, attempt: 12 })).toBe(true);
    expect(await web.withdraw({ ...first, attempt: 2 })).toBe(false);
    expect((await jobs()).map(({ key }) => key)).toEqual([`${first.runId}-1`, `${other.runId}-1`]);
  });

  test("counts its time by the database's clock", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 5 * MINUTE });
    try {
      await broker().dispatch([delivery({ runAt: Date.now() + MINUTE })]);
    } finally {
      vi.useRealTimers();
    }
    const { rows } = await admin.query("select extract(epoch from run_at - now())::float8 as wait from graphile_worker.jobs");
    expect(rows[0].wait).toBeGreaterThan(0);
    expect(rows[0].wait).toBeLessThanOrEqual(60);
  });

  test("keeps priorities within what graphile stores", async () => {
    await broker().dispatch([delivery({ priority: 1e9 }), delivery({ priority: -1e9 }), delivery({ priority: 3 })]);
    expect((await jobs()).map(({ priority }) => priority)).toEqual([-32_767, 32_767, -3]);
  });

  test("rejects soon where no server is, and keeps the password to itself", async () => {
    const dead = broker({ url: "postgres://someone:secret@127.0.0.1:1/nowhere" });
    const error = await dead.dispatch([delivery()]).catch((caught: unknown) => caught as Error);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(/at postgres:\/\/127\.0\.0\.1:1\/nowhere could not take the deliveries: .*ECONNREFUSED/);
    expect(String(error)).not.toContain("secret");
    await expect(dead.ping()).rejects.toThrow(/could not answer/);
    await expect(dead.consume(async () => undefined, ALL)).rejects.toThrow(/could not take deliveries/);
  });

  test("rejects soon where a server accepts and says nothing", async () => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as { port: number };
    await expect(broker({ url: `postgres://someone@127.0.0.1:${port}/nowhere` }).dispatch([delivery()])).rejects.toThrow(/could not take the deliveries/);
    for (const socket of sockets) socket.destroy();
    mute.close();
    await once(mute, "close");
  });
});

describe("consume", () => {
  test("of all queues learns of one that another process uses first", async () => {
    const handed = await collect(broker());
    const web = broker();
    const strange = ["later", "Later", "ü\u0000\ud800", "x".repeat(500), "%'\"\\"].map((queue) => delivery({ queue }));
    await web.dispatch(strange);
    await until("all were delivered", () => handed.length === strange.length);
    expect(handed.sort()).toEqual(strange.map(({ runId }) => runId).sort());
  });

  test("goes on after its connections were cut, and leaves nothing locked", async () => {
    const told: string[] = [];
    const web = broker();
    const worker = broker({ url: database.url, log: { warn: (_fields, message) => told.push(message) } });
    const finish = Promise.withResolvers<void>();
    const long = Array.from({ length: ALL.concurrency - 1 }, () => delivery());
    const short = Array.from({ length: 60 }, () => delivery());
    const handed: string[] = [];
    let [underWay, most] = [0, 0];
    await worker.consume(async ({ runId }) => {
      handed.push(runId);
      underWay += 1;
      most = Math.max(most, underWay);
      if (long.some((each) => each.runId === runId)) await finish.promise;
      else await nextTurn();
      underWay -= 1;
    }, ALL);
    await web.dispatch(long);
    await until("the long ones leave one place", () => handed.length === long.length);
    for (let round = 0; round < 3; round += 1) {
      const some = short.slice(round * 20, round * 20 + 20);
      await until("the broker takes them", () =>
        web.dispatch(some).then(
          () => true,
          () => false,
        ),
      );
      await cut();
      await until("all have come", () => some.every(({ runId }) => handed.includes(runId)));
    }
    finish.resolve();
    await until("no job is left", async () => (await jobs()).length === 0);
    expect(most).toBeLessThanOrEqual(ALL.concurrency);
    expect(told.length).toBeGreaterThan(0);
  });

  test("waits for a server that is away, while dispatch rejects", async () => {
    const web = broker();
    const handed = await collect(broker());
    const name = new URL(database.url).pathname.slice(1);
    const elsewhere = new URL(database.url);
    elsewhere.pathname = "/postgres";
    const switcher = new Client({ connectionString: elsewhere.href });
    await switcher.connect();
    try {
      await switcher.query(`alter database ${name} allow_connections false`);
      await cut();
      await expect(web.dispatch([delivery()])).rejects.toThrow(/could not take the deliveries/);
      await expect(web.missing([delivery()])).rejects.toThrow(/could not look for deliveries/);
      await switcher.query(`alter database ${name} allow_connections true`);
    } finally {
      await switcher.end();
    }
    const back = delivery();
    await until("the broker answers", () =>
      web.ping().then(
        () => true,
        () => false,
      ),
    );
    await until("the broker takes it", () =>
      web.dispatch([back]).then(
        () => true,
        () => false,
      ),
    );
    await until("it was delivered", () => handed.includes(back.runId));
  });

  test("that is stopped hands back what it took and could not handle", async () => {
    const web = broker();
    const taken = delivery();
    const fail = Promise.withResolvers<void>();
    let handed = 0;
    const consumer = await web.consume(() => {
      handed += 1;
      return fail.promise;
    }, ALL);
    await web.dispatch([taken]);
    await until("it is under way", () => handed === 1);
    const stopped = consumer.stop();
    fail.reject(new Error("The store was busy."));
    await stopped;
    const [left, ...more] = await jobs();
    expect(left).toMatchObject({ key: `${taken.runId}-1`, locked_at: null, attempts: 0 });
    expect(more).toEqual([]);
  });
});

test("what was asked before the close is answered, however much it was", async () => {
  const web = broker();
  const waiting = delivery({ runAt: Date.now() + MINUTE });
  await web.dispatch([waiting]);
  const asked = Array.from({ length: 40 }, () => web.missing([waiting, delivery()]));
  await web.close();
  for (const missing of await Promise.all(asked)) expect(missing).toHaveLength(1);
});

describe("set-up", () => {
  test("is done once by however many begin at the same time", async () => {
    const deliveries = Array.from({ length: 6 }, () => delivery());
    await Promise.all(deliveries.map((each) => broker().dispatch([each])));
    expect(await jobs()).toHaveLength(6);
  });

  test("lives in the schema that was asked for", async () => {
    const web = broker({ url: database.url, schema: 'Mine "own"' });
    await web.dispatch([delivery()]);
    expect((await admin.query('select count(*)::int as count from "Mine ""own""".jobs')).rows).toEqual([{ count: 1 }]);
  });

  test("with the app's pool leaves the pool as it was", async () => {
    const pool = new Pool({ connectionString: database.url });
    pool.on("error", () => undefined);
    const web = broker({ pool });
    const handed = await collect(web);
    const run = delivery();
    await web.dispatch([run]);
    await until("it was delivered", () => handed.includes(run.runId));
    await cut();
    await until("the pool works again", () => pool.query("select 1").catch(() => false));
    await web.close();
    expect(pool.ended).toBe(false);
    expect([pool.listenerCount("error"), pool.listenerCount("connect")]).toEqual([1, 0]);
    await expect(web.dispatch([run])).rejects.toThrow(/was closed/);
    await pool.end();
  });

  test("without a database, or with two, is refused", () => {
    expect(() => graphileWorker({})).toThrow(ConfigurationError);
    expect(() => graphileWorker({ url: database.url, pool: new Pool() })).toThrow(/either a url/);
  });
});
