import type { Migration } from "./migration.ts";

/**
 * Whose pages have been watching, one row per owner and process, so that no process overwrites what another knows; which browsers want to be
 * pushed to; how long after a run's end a listener hears of it; and what was given up, found without going through what waits.
 */
export const presence: Migration = {
  number: 9,
  name: "presence",
  statements: [
    "CREATE TABLE errand_presence (owner TEXT NOT NULL, process TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (owner, process))",
    "CREATE INDEX errand_presence_until ON errand_presence (until)",
    `CREATE TABLE errand_subscriptions (
      digest TEXT NOT NULL PRIMARY KEY,
      owner TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      p256dh TEXT NOT NULL,
      auth TEXT NOT NULL,
      locale TEXT NOT NULL,
      created BIGINT NOT NULL
    )`,
    "CREATE INDEX errand_subscriptions_by_owner ON errand_subscriptions (owner, created)",
    "ALTER TABLE errand_listeners ADD COLUMN delay BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX errand_stops_given_up ON errand_stops (run_id) WHERE due_at IS NULL",
  ],
};
