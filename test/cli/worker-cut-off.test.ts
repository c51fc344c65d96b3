import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startPostgres } from "../../scripts/services/postgres.ts";
import type { PrivateServer } from "../../scripts/services/private-server.ts";
import { type PrivateRedis, startRedis } from "../../scripts/services/redis.ts";
import { createErrand } from "../../src/index.ts";
import { keptLog, until, untilEnded } from "../runtime/fixture.ts";
import { startCli } from "../support/process.ts";
import { SilentLine } from "../support/silent-line.ts";
import { appModule } from "./command.ts";

// A worker that is told to end while it cannot reach what it needs. Each test would hang if it waited for that.

let postgres: PrivateServer;
let redis: PrivateRedis;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(async () => void (await Promise.all([postgres?.stop(), redis?.stop()])));

async function line(port?: number): Promise<SilentLine> {
  const opened = await SilentLine.open(port);
  onTestFinished(() => opened.close());
  return opened;
}

function through({ port }: SilentLine): string {
  return postgres.url.replace(`:${postgres.port}/`, `:${port}/`);
}

/** The app's web process, which reaches everything. */
function web(broker: string) {
  const errand = createErrand({ database: postgres.url, broker, worker: false, lease: "2s", log: keptLog() });
  onTestFinished(() => errand.close({ grace: 0 }));
  return { errand, deaf: errand.task({ name: "deaf", run: () => null }) };
}

/** A worker at the given addresses, and a run that it has under way. */
async function busyWorker(database: string, broker: string, webBroker = broker) {
  const { errand, deaf } = web(webBroker);
  const worker = startCli(["worker", appModule, "--grace", "50ms"], { env: { ERRAND_DATABASE_URL: database, ERRAND_BROKER_URL: broker } });
  await worker.line(/^Worker \d+ takes runs/);
  const { id } = await deaf.delay(null);
  await until(errand, id, ({ state }) => state === "in_progress");
  return { errand, worker, id };
}

test("the database does not answer while the worker begins", async () => {
  const nobody = await line();
  const connected = nobody.connected();
  const worker = startCli(["worker", appModule], { env: { ERRAND_DATABASE_URL: through(nobody), ERRAND_BROKER_URL: "database" } });
  await connected;
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(worker.stdout).toBe("SIGTERM: finishing what is under way.\n");
});

test("the line to the database goes silent in the middle of a run, which is found by its lease", async () => {
  const cable = await line(postgres.port);
  const { errand, worker, id } = await busyWorker(through(cable), "database");
  cable.silence();
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(worker.stderr).toContain("could not let go of everything in time");
  expect(await untilEnded(errand, id)).toMatchObject({ state: "failed", error: { code: "worker_lost" } });
});

test("the line to Redis goes silent: what is under way is handed back all the same", async () => {
  const cable = await line(redis.port);
  const { errand, worker, id } = await busyWorker(postgres.url, `redis://127.0.0.1:${cable.port}`, redis.url);
  cable.silence();
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(await errand.get(id)).toMatchObject({ state: "retrying", attempt: 1, maxAttempts: 2 });
});

test("Redis and PostgreSQL are down", async () => {
  const { errand, worker, id } = await busyWorker(postgres.url, redis.url);
  await Promise.all([postgres.kill(), redis.kill()]);
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  await Promise.all([postgres.restart(), redis.restart()]);
  expect(await untilEnded(errand, id)).toMatchObject({ state: "failed", error: { code: "worker_lost" } });
});
