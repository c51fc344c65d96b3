import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Page, RunFilter } from "../../src/core/run-filter.ts";
import { endedStates, isEnded, states } from "../../src/core/states.ts";
import type { Store } from "../../src/core/store.ts";
import type { PgClientLike, PgPoolLike, PgQuery } from "../../src/stores/postgres/pool.ts";
import { postgres } from "../../src/stores/postgres.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { insert, insertClaimed, insertEnded } from "../../src/testing/index.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { freshDatabase } from "../support/temp.ts";

// By which index a database answers, so that what is asked all the time costs the same however much it has gathered.

/** Ended runs of the owner; many enough that going through them shows. */
const HISTORY = 2000;
const open = states.filter((state) => !isEnded(state));
const mine = { owner: "u1", parent: null };

interface Asked {
  readonly filter: RunFilter;
  /** Each of the indexes that answer. */
  readonly by: readonly string[];
}

/** A run that has parts, of the owner with a history. */
const BOX = v7();
const asked: readonly Asked[] = [
  // All that open runs of an owner are asked by.
  ...[open, open.toReversed(), ["in_progress"] as const, ["pending", "retrying"] as const].map((states) => ({
    filter: { ...mine, states },
    by: ["errand_runs_open"],
  })),
  { filter: mine, by: ["errand_runs_outermost"] },
  { filter: { ...mine, states: endedStates }, by: ["errand_runs_outermost"] },
  { filter: { owner: "u1" }, by: ["errand_runs_outermost", "errand_runs_parts"] },
  { filter: { parent: BOX }, by: ["errand_runs_by_parent"] },
  { filter: { owner: "u1", parent: BOX }, by: ["errand_runs_by_parent"] },
];
const pages: readonly Page[] = [{ limit: 100 }, { limit: 100, before: "f" }, { limit: 100, after: "" }];

let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** Some open runs of two owners, one of whom has a history, of runs and of parts of runs; the newest and the oldest are open. */
async function fill(store: Store): Promise<void> {
  await store.migrate();
  await insert(store, { owner: "u1", id: BOX });
  const parts = (index: number) => ({ owner: "u1", parent: index % 2 === 0 ? null : index % 40 === 1 ? BOX : v7() });
  await Promise.all(Array.from({ length: HISTORY }, (_, index) => insertEnded(store, parts(index))));
  for (let count = 0; count < 5; count++) await insert(store, { owner: "u2" });
  await insertClaimed(store, { owner: "u1" });
}

/** A connection with the planner's settings of the store's own, which keeps what was asked of it. */
class AskedPool implements PgPoolLike {
  readonly asked: PgQuery[] = [];
  readonly client: pg.Client;

  constructor(client: pg.Client) {
    this.client = client;
  }

  async connect(): Promise<PgClientLike> {
    return {
      query: (query) => {
        // News of what was filled in goes its own way.
        if (!query.text.includes("pg_notify")) this.asked.push(query);
        return this.client.query(query as never) as never;
      },
      release: () => undefined,
    };
  }
}

test("PostgreSQL answers each list by its index, in its order", async () => {
  const client = new pg.Client({ connectionString: database.url, options: "-c enable_seqscan=off -c enable_sort=off -c jit=off" });
  await client.connect();
  onTestFinished(() => client.end());
  const pool = new AskedPool(client);
  const store = postgres({ pool, listen: false });
  onTestFinished(() => store.close());
  await fill(store);
  await admin.query("ANALYZE errand.errand_runs");
  for (const { filter, by } of asked) {
    for (const page of pages) {
      pool.asked.length = 0;
      await store.list(filter, page);
      const plans: string[] = [];
      for (const { text, values } of pool.asked.splice(0)) plans.push(JSON.stringify((await client.query(`EXPLAIN (FORMAT JSON) ${text}`, values)).rows));
      expect(plans.flatMap((plan) => /"Index Name":"(\w+)"/.exec(plan)?.[1] ?? plan).sort(), JSON.stringify({ filter, page })).toEqual(by);
      for (const plan of plans) expect(plan).not.toContain('"Node Type":"Sort"');
    }
  }
});

test("PostgreSQL finds open runs by their index also where nothing was counted yet", async () => {
  const pool = new AskedPool(new pg.Client({ connectionString: database.url, options: "-c enable_seqscan=off -c enable_sort=off -c jit=off" }));
  await pool.client.connect();
  onTestFinished(() => pool.client.end());
  const store = postgres({ pool, listen: false, schema: "uncounted" });
  onTestFinished(() => store.close());
  await fill(store);
  pool.asked.length = 0;
  await store.list({ ...mine, states: open }, { limit: 100 });
  const [query] = pool.asked as [PgQuery];
  const { rows } = await pool.client.query(`EXPLAIN (FORMAT JSON) ${query.text}`, query.values);
  expect(JSON.stringify(rows)).toContain('"Index Name":"errand_runs_open"');
});

test("SQLite answers each list by its index, in its order", async () => {
  const file = freshDatabase();
  const prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  onTestFinished(() => prepare.mockRestore());
  const filling = sqlite({ file });
  await fill(filling);
  await filling.close();
  const reader = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => reader.close());
  for (const { filter, by } of asked) {
    for (const page of pages) {
      const store = sqlite({ file }); // Which has prepared nothing yet.
      prepare.mockClear();
      await store.list(filter, page);
      await store.close();
      const sent = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /from "?errand_runs/.test(sql));
      const plans = sent.map((sql) =>
        reader
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .map(({ detail }) => detail)
          .join("\n"),
      );
      expect(plans.map((plan) => /^SEARCH errand_runs USING INDEX (\w+) \([^)]*\)$/.exec(plan)?.[1] ?? plan).sort(), JSON.stringify({ filter, page })).toEqual(
        by,
      );
    }
  }
});

test("no index knows of what a heartbeat or a word of progress writes: such a write stays within its page", async () => {
  const store = postgres({ url: database.url, schema: "within", listen: false });
  onTestFinished(() => store.close());
  await store.migrate();
  const { rows } = await admin.query<{ indexdef: string }>("SELECT indexdef FROM pg_indexes WHERE schemaname = 'within' AND tablename = 'errand_runs'");
  expect(rows.length).toBeGreaterThan(5);
  for (const { indexdef } of rows) expect(indexdef).not.toMatch(/lease_until|rev|modified|state_text|steps?\b|loops|peak/);
});
