import type { Migration } from "./migration.ts";

/**
 * The named steps of a run in its own row, so that the guarded write of the progress brings the one that is under way; and what the last
 * runs of each task took, to say how long the next will.
 */
export const progress: Migration = {
  number: 7,
  name: "progress",
  statements: [
    "ALTER TABLE errand_runs ADD COLUMN steps TEXT",
    "ALTER TABLE errand_runs ADD COLUMN step INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE errand_runs ADD COLUMN step_from BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE errand_runs ADD COLUMN step_started BIGINT",
    "CREATE TABLE errand_histories (task TEXT NOT NULL PRIMARY KEY, history TEXT NOT NULL)",
  ],
};
