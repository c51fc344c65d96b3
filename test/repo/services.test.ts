import { existsSync, statSync } from "node:fs";
import { Redis } from "ioredis";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startPostgres } from "../../scripts/services/postgres.ts";
import { startRedis } from "../../scripts/services/redis.ts";
import { patiently } from "../support/patiently.ts";
import { type NodeProcess, startProcess } from "../support/process.ts";
import { tempDir } from "../support/temp.ts";

/** Where nothing answers: port 1 is reserved. */
const nowhere = { DATABASE_URL: "postgres://someone:secret@127.0.0.1:1/x", REDIS_URL: "redis://:secret@127.0.0.1:1" };

function services(args: readonly string[], env: Readonly<Record<string, string>>): NodeProcess {
  return startProcess(new URL("../../scripts/services.ts", import.meta.url), { args, env });
}

/** A command that says what it was given and stays until it is told to go, or whoever runs it is gone. */
const telling = [
  "--",
  process.execPath,
  "-e",
  `const { ppid } = process;
  setInterval(() => process.ppid === ppid || process.exit(), 100);
  process.on("SIGTERM", () => process.exit(7));
  for (const name of ["DATABASE_URL", "REDIS_URL"]) console.log(name + "=" + process.env[name]);`,
];

async function addresses(process: NodeProcess) {
  const [database, redis] = [await process.line(/^DATABASE_URL=/), await process.line(/^REDIS_URL=/)];
  return { database: database.slice("DATABASE_URL=".length), redis: redis.slice("REDIS_URL=".length) };
}

async function sql<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function onRedis<Result>(url: string, ask: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

const folderOf = {
  postgres: async (url: string) => ((await sql<{ data_directory: string }>(url, "show data_directory"))[0]?.data_directory ?? "").replace(/\/data$/, ""),
  redis: (url: string) => onRedis(url, async (redis) => ((await redis.config("GET", "dir")) as string[])[1] as string),
};

async function expectGone(urls: { database: string; redis: string }, folders: readonly string[]): Promise<void> {
  await expect.poll(() => folders.filter(existsSync), patiently).toEqual([]);
  await expect(sql(urls.database, "select 1")).rejects.toThrow();
  await expect(onRedis(urls.redis, (redis) => redis.ping())).rejects.toThrow();
}

async function privateOnes(process: NodeProcess) {
  const urls = await addresses(process);
  const folders = [await folderOf.postgres(urls.database), await folderOf.redis(urls.redis)];
  expect(folders.every(existsSync)).toBe(true);
  return { urls, folders };
}

test("what answers is used, and left as it is", async () => {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  onTestFinished(async () => void (await Promise.all([postgres.stop(), redis.stop()])));
  const process = services(telling, { DATABASE_URL: postgres.url, REDIS_URL: redis.url });
  expect(await addresses(process)).toEqual({ database: postgres.url, redis: redis.url });
  expect(await process.kill("SIGTERM")).toEqual({ code: 7, signal: null });
  expect(process.stderr).toBe("");
  expect(await sql(postgres.url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await onRedis(redis.url, (client) => client.ping())).toBe("PONG");

  // A user that may not create databases, and a Redis that takes nothing, are of no use.
  await sql(postgres.url, "create role guest login");
  await onRedis(redis.url, (client) => client.call("REPLICAOF", "127.0.0.1", "1"));
  const guest = services(telling, { DATABASE_URL: postgres.url.replace("postgres@", "guest@"), REDIS_URL: redis.url });
  const { urls, folders } = await privateOnes(guest);
  expect(urls.database).not.toContain(`:${postgres.port}/`);
  expect(urls.redis).not.toBe(redis.url);
  expect(guest.stderr).toContain("its user may not create databases");
  expect(guest.stderr).toContain("READONLY");
  await guest.kill("SIGTERM");
  await expectGone(urls, folders);
});

test("where nothing answers, private ones are started, not as root, and are gone with the command", async () => {
  const process = services(telling, nowhere);
  const { urls, folders } = await privateOnes(process);
  await sql(urls.database, "create database one");
  for (const folder of folders) expect(statSync(folder).uid).not.toBe(0);
  expect(await process.kill("SIGTERM")).toEqual({ code: 7, signal: null });
  expect(process.stderr).not.toContain("secret");
  await expectGone(urls, folders);
});

test("without a command they stay until Ctrl-C", async () => {
  const process = services([], nowhere);
  const { urls, folders } = await privateOnes(process);
  expect(await process.kill("SIGINT")).toEqual({ code: 0, signal: null });
  await expectGone(urls, folders);
});

test("they are gone too when whoever started them is killed", async () => {
  const process = services([], nowhere);
  const { urls, folders } = await privateOnes(process);
  await process.kill("SIGKILL");
  await expectGone(urls, folders);
});

test("where none is installed, and none may be, one line says what to do", async () => {
  const nothing = tempDir();
  const process = services(telling, { ...nowhere, POSTGRES_BIN: nothing, REDIS_BIN: nothing, ERRAND_APT: "off" });
  expect(await process.exited).toEqual({ code: 1, signal: null });
  expect(process.stdout).toBe("");
  expect(process.stderr).toBe(
    "services: The tests need PostgreSQL 15 and Redis, and there is no PostgreSQL and no Redis: install it (on Debian: sudo apt-get install postgresql redis-server), or set DATABASE_URL and REDIS_URL.\n",
  );
});

test("where servers cannot be started for tests of outages, one line says what to do, and the other tests go on", async () => {
  const script = new URL("../../scripts/server-programs.ts", import.meta.url);
  const lacking = startProcess(script, { env: { REDIS_BIN: tempDir(), ERRAND_APT: "off" } });
  expect(await lacking.exited).toEqual({ code: 0, signal: null });
  expect(lacking.stderr).toBe(
    "services: Tests of outages, and chaos, start servers of their own, and there is no Redis: install it (on Debian: sudo apt-get install redis-server), or set POSTGRES_BIN and REDIS_BIN to the folders of their programs.\n",
  );
  const complete = startProcess(script, { env: { ERRAND_APT: "off" } });
  expect(await complete.exited).toEqual({ code: 0, signal: null });
  expect(complete.stderr).toBe("");
});

test.each([
  [["--", "no-such-program"], 127, /no-such-program could not be run/],
  [["--"], 2, /^services: Use: /],
  [["vitest"], 2, /^services: Use: /],
])("%j ends with status %i", async (args, code, said) => {
  const process = services(args, {});
  expect(await process.exited).toEqual({ code, signal: null });
  expect(process.stderr).toMatch(said);
});

test("a private PostgreSQL that is killed or down comes back with what it had", async () => {
  const postgres = await startPostgres({ settings: { fsync: "off" } });
  onTestFinished(() => postgres.stop());
  expect(await sql(postgres.url, "select current_setting('fsync') as fsync, current_setting('max_connections') as most")).toEqual([
    { fsync: "off", most: "300" },
  ]);
  await sql(postgres.url, "create table kept (n int)");
  await postgres.kill();
  expect(postgres.pid).toBeNull();
  await expect(sql(postgres.url, "select 1")).rejects.toThrow("ECONNREFUSED");
  await postgres.restart();
  expect(await sql(postgres.url, "select * from kept")).toEqual([]);
  await postgres.down();
  await expect(sql(postgres.url, "select 1")).rejects.toThrow("ECONNREFUSED");
  await postgres.restart();
  expect(await sql(postgres.url, "select * from kept")).toEqual([]);
});

test("a private Redis forgets on request, and when it is restarted", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const remember = () => onRedis(redis.url, (client) => client.set("a", "1"));
  const recall = () => onRedis(redis.url, (client) => client.get("a"));
  await remember();
  expect(await recall()).toBe("1");
  await redis.flush();
  expect(await recall()).toBeNull();
  await remember();
  await redis.restart();
  expect(await recall()).toBeNull();
  // A port that is taken: the server's own words, and nothing is left.
  await expect(startRedis({ port: redis.port })).rejects.toThrow(/address already in use/i);
});
