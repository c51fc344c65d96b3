import type { Migration } from "./migration.ts";

/**
 * Linked runs. `peak_steps` and `peak_total` are the most that a run has shown in any attempt, so that what a container shows never falls
 * when a child is tried again. A worker looks only for what it may take, so what waits for its turn is no longer among what waits. The
 * partial indexes hold containers and open children only while they have not ended.
 */
export const links: Migration = {
  number: 5,
  name: "links",
  statements: [
    "ALTER TABLE errand_runs ADD COLUMN kind TEXT",
    "ALTER TABLE errand_runs ADD COLUMN root TEXT",
    "ALTER TABLE errand_runs ADD COLUMN position INTEGER",
    "ALTER TABLE errand_runs ADD COLUMN weight INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE errand_runs ADD COLUMN blocked INTEGER",
    "ALTER TABLE errand_runs ADD COLUMN on_failure TEXT",
    "ALTER TABLE errand_runs ADD COLUMN template TEXT",
    "ALTER TABLE errand_runs ADD COLUMN peak_steps BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE errand_runs ADD COLUMN peak_total BIGINT NOT NULL DEFAULT 0",
    "DROP INDEX errand_runs_waiting",
    "CREATE INDEX errand_runs_waiting ON errand_runs (priority DESC, run_at, id) WHERE state IN ('pending', 'retrying') AND blocked IS NULL AND kind IS NULL",
    "CREATE INDEX errand_runs_open_children ON errand_runs (parent) WHERE parent IS NOT NULL AND blocked IS NULL AND state IN ('pending', 'in_progress', 'retrying', 'canceling')",
    "CREATE INDEX errand_runs_open_containers ON errand_runs (id) WHERE kind IS NOT NULL AND state IN ('pending', 'in_progress', 'canceling')",
    "CREATE INDEX errand_runs_blocked ON errand_runs (parent, position) WHERE blocked IS NOT NULL",
    "CREATE INDEX errand_runs_outermost ON errand_runs (owner, id) WHERE owner IS NOT NULL AND parent IS NULL",
    "CREATE INDEX errand_runs_by_root ON errand_runs (root) WHERE root IS NOT NULL",
    "CREATE INDEX errand_runs_containers ON errand_runs (parent) WHERE kind IS NOT NULL AND parent IS NOT NULL",
    "CREATE INDEX errand_runs_failed_children ON errand_runs (parent, position) WHERE parent IS NOT NULL AND state IN ('failed', 'canceled')",
  ],
};
