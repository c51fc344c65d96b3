import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";
import { postgres } from "../../src/stores/postgres.ts";
import { testStore } from "../../src/testing/index.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let admin: pg.Client;
let places = 0;
/** Schemas whose test is over, emptied: as good as new, and made in a fraction of the time. */
const free: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

testStore({ describe, test }, "postgres", () => {
  const schema = free.pop() ?? `Place "${++places}"`;
  const options = { url: database.url, schema, max: 3 };
  return { open: () => postgres(options), remove: () => empty(schema) };
});

/** Deletes every row but those that say which migrations were done. */
async function empty(schema: string): Promise<void> {
  const tables = "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'errand_migrations'";
  const { rows } = await admin.query<{ name: string }>(tables, [schema]);
  await admin.query(rows.map(({ name }) => `DELETE FROM ${name}`).join("; "));
  free.push(schema);
}
