import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { chain, group, type Transaction } from "../../src/index.ts";
import { openErrand } from "../runtime/fixture.ts";
import { createDatabase } from "../support/postgres.ts";
import { freshDatabase } from "../support/temp.ts";

// What is inserted through the app's client by a statement of its own must be what the store inserts.

type Row = Record<string, unknown>;

interface Place {
  readonly url: string;
  readonly transaction: () => Transaction;
  readonly query: (text: string) => Promise<Row[]>;
  readonly close: () => Promise<void>;
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  async SQLite() {
    const file = freshDatabase();
    let handle: DatabaseSync | undefined;
    const opened = (): DatabaseSync => {
      handle ??= new DatabaseSync(file);
      return handle;
    };
    return { url: `file:${file}`, transaction: opened, query: async (text) => opened().prepare(text).all(), close: async () => handle?.close() };
  },
  async PostgreSQL() {
    const database = await createDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    return {
      url: database.url,
      transaction: () => client,
      query: async (text) => (await client.query(text.replaceAll("errand_runs", "errand.errand_runs"))).rows as Row[],
      close: async () => {
        await client.end();
        await database.drop();
      },
    };
  },
};

/** Without what is never the same twice; times that are counted from now become the span. */
function comparable(rows: readonly Row[]): Row[] {
  const ids = new Map(rows.map(({ id }, index) => [id, `#${index}`]));
  return rows.map(({ id, created, modified, run_at, parent, root, ...rest }) => {
    expect(modified).toEqual(created);
    const span = Number(run_at) - Number(created);
    const runAt = span === 0 ? "now" : Number(run_at);
    return { ...rest, id: ids.get(id), parent: ids.get(parent) ?? parent, root: ids.get(root) ?? root, run_at: runAt };
  });
}

test.each(Object.entries(places))("rows inserted in a transaction are those that are inserted otherwise, in %s", async (_, place) => {
  const { url, transaction, query, close } = await place();
  onTestFinished(close);
  const errand = openErrand({ database: url, broker: "database", worker: false });
  const count = errand.task({
    name: "count",
    input: z.object({ text: z.string() }),
    generateName: ({ text }) => `Count ${text}`,
    calculateTotalSteps: ({ text }) => text.length,
    retries: 2,
    timeout: "3m",
    queue: "slow",
    run: async ({ text }, { status }) => {
      await status.incrementCompletedSteps();
      return text.length;
    },
  });
  await errand.start();
  const text = `"quoted" 'single' ? $1 :name \\ ü 漢 \u0001 ${"long".repeat(500)}`;
  const runAt = new Date(Date.now() + 3_600_000);
  const tree = chain([
    count.with({ text: "one" }),
    group([count.with({ text: "two" }, { weight: 3 }), count.with({ text: "three" })]),
    count.with({ text: "four" }),
  ]);
  const rows = async (): Promise<Row[]> => query("SELECT * FROM errand_runs ORDER BY id");
  const begin = async (options: { transaction?: Transaction }): Promise<void> => {
    await count.start({ text }, options);
    await count.start({ text: "" }, { ...options, owner: "u ü", name: "A\0 name", queue: "other", priority: -7, runAt });
    await tree.start({ ...options, owner: "u", priority: 2 });
  };

  await begin({});
  const plain = comparable(await rows());
  expect(plain.length).toBe(8);
  await query("DELETE FROM errand_runs");
  await query("BEGIN");
  await begin({ transaction: transaction() });
  await query("COMMIT");
  expect(comparable(await rows())).toEqual(plain);
});
