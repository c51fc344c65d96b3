import type { Migration } from "./migration.ts";

/**
 * What the loops of runs leave: where they stand, for the next attempt, in the run's own row, so that the guarded write of the progress
 * brings it; the items that failed; and those that a rerun is to visit again.
 */
export const ledger: Migration = {
  number: 4,
  name: "ledger",
  statements: [
    "ALTER TABLE errand_runs ADD COLUMN loops TEXT",
    `CREATE TABLE errand_failures (
      run_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      loop TEXT NOT NULL,
      position BIGINT NOT NULL,
      label TEXT NOT NULL,
      message TEXT NOT NULL,
      columns TEXT,
      before TEXT,
      cursor TEXT,
      item TEXT,
      created BIGINT NOT NULL,
      PRIMARY KEY (run_id, number)
    )`,
    `CREATE TABLE errand_retries (
      run_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      loop TEXT NOT NULL,
      position BIGINT NOT NULL,
      label TEXT NOT NULL,
      before TEXT,
      cursor TEXT,
      item TEXT,
      PRIMARY KEY (run_id, number)
    )`,
  ],
};
