import pg from "pg";
import prometheus from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { metrics } from "../../src/telemetry/metrics.ts";
import { until } from "../../src/testing/until.ts";
import { errandWeb } from "../../src/web/index.ts";
import { keptLog, openErrand } from "../runtime/fixture.ts";
import { createDatabase } from "../support/postgres.ts";
import { samplesOf } from "./scrape.ts";
import { served } from "./served.ts";

/** A fresh database that its server can shut to everybody, and open again. */
async function closableDatabase() {
  const { url, drop } = await createDatabase();
  onTestFinished(drop);
  const name = new URL(url).pathname.slice(1);
  const maintenance = new URL(url);
  maintenance.pathname = "/postgres";
  const client = new pg.Client({ connectionString: maintenance.href });
  await client.connect();
  onTestFinished(() => client.end());
  const allow = (connections: boolean) => client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${connections}`);
  return {
    url,
    close: async () => {
      await allow(false);
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
    },
    open: () => allow(true),
  };
}

test("PostgreSQL goes away and comes back: alive all the time, not ready meanwhile, and the log says it once", async () => {
  const database = await closableDatabase();
  const log = keptLog();
  const errand = openErrand({ database: database.url, broker: "database", worker: false, log });
  const { register } = metrics(errand, { register: new prometheus.Registry() });
  const origin = await served(errandWeb(errand).handler);
  await errand.start(); // Who asks before that waits 2 s at most for a database that is being set up.
  const status = async (path: string) => (await fetch(`${origin}/errand/${path}`)).status;
  expect(await status("readyz")).toBe(200);
  await database.close();
  await until("it is not ready", async () => (await status("readyz")) === 503);
  const answer = await (await fetch(`${origin}/errand/readyz`)).text();
  expect(JSON.parse(answer)).toMatchObject({ status: "unready", closing: false, broker: "unasked" });
  expect(answer).not.toContain(new URL(database.url).pathname.slice(1));
  expect(await status("healthz")).toBe(200);
  expect(samplesOf(await register.metrics()).get("errand_store_up")).toBe(0);
  expect(log.said(/^The store cannot be reached/)).toHaveLength(1);
  await database.open();
  await until("it is ready again", async () => (await status("readyz")) === 200);
  expect(log.said(/^This process is ready again/)).toHaveLength(1);
});
