import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The box office's own database, which the web process and its workers share. Tables are made when they are missing. */
export function openDatabase(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, "box-office.sqlite"), { timeout: 5000 });
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS orders (
      code TEXT PRIMARY KEY,
      customer TEXT NOT NULL,
      event TEXT NOT NULL,
      seats TEXT NOT NULL,
      cents INTEGER NOT NULL,
      canceled INTEGER
    ) STRICT;
    CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `);
  return database;
}

/** A secret of that name, made at its first use. All processes on the database get the same. */
export function secretOf(database: DatabaseSync, name: string): string {
  database.prepare("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING").run(name, randomBytes(32).toString("base64url"));
  return (database.prepare("SELECT value FROM secrets WHERE name = ?").get(name) as { value: string }).value;
}
