import type { Migration } from "./migration.ts";

/** The trace that a run is a part of, so that the process that performs it goes on with what the process that delayed it began. */
export const trace: Migration = {
  number: 6,
  name: "trace",
  statements: ["ALTER TABLE errand_runs ADD COLUMN trace TEXT"],
};
