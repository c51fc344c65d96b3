import type { DatabaseSync } from "node:sqlite";
import { applicable, newestSchema, refuseNewer } from "../migrations/pending.ts";

/**
 * Applies the migrations that the file has not had, all in one exclusive transaction: of several processes that start at once, one does
 * the work and the others find it done.
 *
 * @throws StoreError "newer_schema" when the file was written by a newer version.
 */
export function migrateSqlite(db: DatabaseSync, file: string): void {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'errand_migrations'").get() !== undefined) {
    const reached = appliedNumber(db);
    refuseNewer(reached, file);
    if (reached === newestSchema) return;
  }
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec("CREATE TABLE IF NOT EXISTS errand_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)");
    for (const migration of applicable(appliedNumber(db))) {
      for (const statement of migration.statements) db.exec(statement);
      db.prepare("INSERT INTO errand_migrations (number, name) VALUES (?, ?)").run(migration.number, migration.name);
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function appliedNumber(db: DatabaseSync): number {
  return (db.prepare("SELECT coalesce(max(number), 0) AS number FROM errand_migrations").get() as { number: number }).number;
}
