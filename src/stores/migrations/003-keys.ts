import type { Migration } from "./migration.ts";

/** Runs by the address that began them. An address may be longer than an index entry may be, so its digest is the key. */
export const keys: Migration = {
  number: 3,
  name: "keys",
  statements: [
    `CREATE TABLE errand_keys (
      digest TEXT NOT NULL,
      task TEXT NOT NULL,
      scope TEXT NOT NULL,
      address TEXT NOT NULL,
      run_id TEXT NOT NULL,
      good_run_id TEXT,
      failures INTEGER NOT NULL,
      keep INTEGER NOT NULL,
      PRIMARY KEY (digest, task)
    )`,
    "CREATE INDEX errand_keys_by_run ON errand_keys (run_id)",
  ],
};
