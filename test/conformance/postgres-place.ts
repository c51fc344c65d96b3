import pg from "pg";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { Run } from "../../src/core/run.ts";
import type { Store, Write } from "../../src/core/store.ts";
import { type PostgresOptions, postgres } from "../../src/stores/postgres.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { WatchedPool } from "../support/watched-pool.ts";

let database: TestDatabase;
let schemas = 0;

/** A connection past the store, to the database of this file. */
export let admin: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** The address of the database of this file. */
export function databaseUrl(): URL {
  return new URL(database.url);
}

/** The schema of the stores that were opened last. */
export function schema(): string {
  return `own_${schemas}`;
}

/** Stores in one schema of their own, migrated. */
export async function stores(count: number, options: PostgresOptions = {}): Promise<Store[]> {
  schemas += 1;
  const all = Array.from({ length: count }, () => postgres({ url: database.url, schema: schema(), max: 4, ...options }));
  onTestFinished(async () => void (await Promise.all(all.map((store) => store.close()))));
  await all[0]?.migrate();
  return all;
}

/** A store over a pool that notes what it is asked, and can be made to fail. */
export async function watchedStore(): Promise<{ store: Store; pool: WatchedPool }> {
  const pool = new WatchedPool(database.url);
  onTestFinished(() => pool.pool.end());
  const [store] = (await stores(1, { pool, listen: false })) as [Store];
  pool.take();
  return { store, pool };
}

/** Somebody else's connection, amid a transaction. */
export async function otherTransaction(): Promise<pg.Client> {
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  return other;
}

/** Whoever has claimed a run here. */
export const mine = { attempt: 1, worker: "worker-1" };

export function claimed(run: Pick<Run, "id">): Write {
  return {
    change: {
      id: run.id,
      guard: { states: ["pending"], attempt: 0, due: true },
      patch: { set: { state: "in_progress", worker: "worker-1", lease: { fromNow: 60_000 }, timeoutAt: "from_timeout" }, add: { attempt: 1 } },
      claim: true,
    },
  };
}

export function settled(run: Pick<Run, "id">): Write {
  return { change: { id: run.id, guard: { states: ["in_progress"], ...mine }, patch: { set: { state: "succeeded", ended: { fromNow: 0 } } } } };
}
