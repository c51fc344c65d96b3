import { afterAll, beforeAll, describe, test } from "vitest";
import { postgres } from "../../src/stores/postgres.ts";
import { testStore } from "../../src/testing/index.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let places = 0;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database.drop());

// A schema is as empty as a database, and made in a hundredth of the time.
testStore({ describe, test }, "postgres", () => {
  places += 1;
  const options = { url: database.url, schema: `Place "${places}"`, max: 3 };
  return { open: () => postgres(options) };
});
