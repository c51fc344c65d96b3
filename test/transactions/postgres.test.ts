import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { testTransactions } from "./contract.ts";
import { postgresClients } from "./postgres-clients.ts";

let database: TestDatabase;
let own: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  own = new pg.Client({ connectionString: database.url });
  await own.connect();
  await own.query("CREATE TABLE orders (code TEXT NOT NULL PRIMARY KEY)");
});

afterAll(async () => {
  await own.end();
  await database.drop();
});

for (const [name, connect] of Object.entries(postgresClients))
  describe(name, () => {
    beforeAll(async () => {
      await own.query("TRUNCATE orders");
      // What a client before has left behind.
      await own.query("DO $$ BEGIN IF to_regclass('errand.errand_runs') IS NOT NULL THEN DELETE FROM errand.errand_runs; END IF; END $$");
    });
    testTransactions(() => ({
      url: database.url,
      connect: () => connect(database.url),
      orders: async () => (await own.query("SELECT code FROM orders")).rows.map(({ code }: { code: string }) => code),
    }));
  });
