import type { Migration } from "./migration.ts";

/**
 * What of an owner's runs has not ended, whatever history the owner has. In exchange, most runs are in one index by owner instead of two: those
 * that are parts of others have their own, in words that no question for the parts of one run fits, which has a better one. And the runs that
 * a worker holds are found by its id alone: with the lease in the index, each heartbeat would enter every run anew into every index of the table.
 */
export const openRuns: Migration = {
  number: 8,
  name: "open-runs",
  statements: [
    "CREATE INDEX errand_runs_open ON errand_runs (owner, id) WHERE owner IS NOT NULL AND parent IS NULL AND ended IS NULL",
    "CREATE INDEX errand_runs_parts ON errand_runs (owner, id) WHERE owner IS NOT NULL AND parent > ''",
    "DROP INDEX errand_runs_by_owner",
    "DROP INDEX errand_runs_held",
    "CREATE INDEX errand_runs_held ON errand_runs (worker) WHERE state IN ('in_progress', 'canceling')",
  ],
};
