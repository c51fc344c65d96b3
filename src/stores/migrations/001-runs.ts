import type { Migration } from "./migration.ts";

/**
 * Ids are UUIDv7, so the primary key grows at its end and is also the order of creation. The partial indexes hold only the few runs
 * that wait or are held, whatever the table has gathered: an ended run is in none of them.
 */
export const first: Migration = {
  number: 1,
  name: "runs",
  statements: [
    `CREATE TABLE errand_runs (
      id TEXT NOT NULL PRIMARY KEY,
      rev BIGINT NOT NULL,
      task TEXT NOT NULL,
      name TEXT NOT NULL,
      owner TEXT,
      queue TEXT NOT NULL,
      priority INTEGER NOT NULL,
      state TEXT NOT NULL,
      state_text TEXT,
      completed_steps BIGINT NOT NULL,
      total_steps BIGINT NOT NULL,
      planned_steps BIGINT NOT NULL,
      attempt INTEGER NOT NULL,
      max_attempts INTEGER NOT NULL,
      input TEXT NOT NULL,
      result TEXT,
      error TEXT,
      parent TEXT,
      rerun_of TEXT,
      run_at BIGINT NOT NULL,
      created BIGINT NOT NULL,
      modified BIGINT NOT NULL,
      started BIGINT,
      ended BIGINT,
      cancel_requested BIGINT,
      timeout BIGINT NOT NULL,
      timeout_at BIGINT,
      worker TEXT,
      lease_until BIGINT
    )`,
    "CREATE INDEX errand_runs_by_owner ON errand_runs (owner, id) WHERE owner IS NOT NULL",
    "CREATE INDEX errand_runs_waiting ON errand_runs (priority DESC, run_at, id) WHERE state IN ('pending', 'retrying')",
    "CREATE INDEX errand_runs_held ON errand_runs (worker, lease_until) WHERE state IN ('in_progress', 'canceling')",
    `CREATE TABLE errand_artifacts (
      id TEXT NOT NULL PRIMARY KEY,
      run_id TEXT NOT NULL,
      owner TEXT,
      attempt INTEGER NOT NULL,
      name TEXT NOT NULL,
      kind TEXT NOT NULL,
      text TEXT,
      url TEXT,
      key TEXT,
      type TEXT,
      size BIGINT,
      created BIGINT NOT NULL,
      modified BIGINT NOT NULL
    )`,
    "CREATE INDEX errand_artifacts_by_run ON errand_artifacts (run_id, id)",
    "CREATE INDEX errand_artifacts_by_owner ON errand_artifacts (owner, id) WHERE owner IS NOT NULL",
    "CREATE TABLE errand_settings (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
  ],
  // A run is written some three times: old versions of its row are to be cleared away before they fill pages.
  postgres: ["ALTER TABLE errand_runs SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)"],
};
