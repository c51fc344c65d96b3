import { afterAll, beforeAll, describe, test } from "vitest";
import { graphileWorker } from "../../src/brokers/graphile-worker.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { testBroker } from "../../src/testing/index.ts";
import { createDatabase } from "../support/postgres.ts";
import { freshDatabase } from "../support/temp.ts";

let postgres: Awaited<ReturnType<typeof createDatabase>>;
let schemas = 0;

beforeAll(async () => {
  postgres = await createDatabase();
});
afterAll(() => postgres.drop());

testBroker(
  { describe, test },
  "graphile-worker",
  { features: ["durable", "delay", "priority", "transactional"], withdraws: true },
  // A schema is quicker to make than a database.
  () => {
    const file = freshDatabase();
    const schema = `graphile_${++schemas}`;
    return { open: () => ({ broker: graphileWorker({ url: postgres.url, schema }), store: sqlite(file) }) };
  },
);
