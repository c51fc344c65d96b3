import type { Migration } from "./migration.ts";

/**
 * What users and superusers ask of their runs: lists, removal, the stop event for durable listeners, and who is at work. `unheard` marks an
 * ended run whose listeners have not been given their rows yet; `removed` hides a run until it is erased, and `cleared` says that its files
 * and artifacts are gone while a listener has still to hear of its end.
 */
export const owners: Migration = {
  number: 2,
  name: "owners",
  statements: [
    "ALTER TABLE errand_runs ADD COLUMN unheard INTEGER",
    "ALTER TABLE errand_runs ADD COLUMN removed BIGINT",
    "ALTER TABLE errand_runs ADD COLUMN cleared INTEGER",
    "CREATE INDEX errand_runs_ended ON errand_runs (ended) WHERE ended IS NOT NULL",
    "CREATE INDEX errand_runs_unheard ON errand_runs (id) WHERE unheard IS NOT NULL",
    "CREATE INDEX errand_runs_removed ON errand_runs (id) WHERE removed IS NOT NULL",
    "CREATE INDEX errand_runs_by_parent ON errand_runs (parent, id) WHERE parent IS NOT NULL",
    "CREATE TABLE errand_listeners (name TEXT NOT NULL PRIMARY KEY)",
    `CREATE TABLE errand_stops (
      run_id TEXT NOT NULL,
      listener TEXT NOT NULL,
      tries INTEGER NOT NULL,
      due_at BIGINT,
      error TEXT,
      PRIMARY KEY (run_id, listener)
    )`,
    "CREATE INDEX errand_stops_due ON errand_stops (listener, due_at) WHERE due_at IS NOT NULL",
    `CREATE TABLE errand_workers (
      id TEXT NOT NULL PRIMARY KEY,
      host TEXT NOT NULL,
      pid INTEGER NOT NULL,
      queues TEXT NOT NULL,
      concurrency INTEGER NOT NULL,
      started BIGINT NOT NULL,
      seen BIGINT NOT NULL
    )`,
  ],
};
