import { applicable, newestSchema, refuseNewer } from "../migrations/pending.ts";
import { NO_HURRY_MS, type PostgresPool, plain } from "./pool.ts";
import { identifier } from "./schema-names.ts";

/** Any number that no other program is likely to lock; a second one stands for the schema. */
const LOCK = 0x45_52_52;

/**
 * Creates the schema and applies the migrations that it has not had, all in one transaction: of several processes that start at once, one
 * does the work and the others find it done.
 *
 * @throws StoreError "newer_schema" when the schema was written by a newer version.
 */
export async function migratePostgres(pool: PostgresPool, schema: string, where: string): Promise<void> {
  const table = `${identifier(schema)}.errand_migrations`;
  const reachedIn = plain(`SELECT coalesce(max(number), 0) AS number FROM ${table}`);
  const [found] = await pool.query(plain("SELECT to_regclass($1) AS name", [table]));
  if (found?.name) {
    const [row] = await pool.query(reachedIn);
    refuseNewer(row?.number as number, where);
    if (row?.number === newestSchema) return;
  }
  await pool.transaction(async (ask) => {
    const run = (sql: string, parameters: unknown[] = []) => ask(plain(sql, parameters), NO_HURRY_MS);
    await run("SELECT pg_advisory_xact_lock($1::integer, hashtext($2::text))", [LOCK, schema]);
    // Not CREATE IF NOT EXISTS at once: it asks for the right to create also where the schema stands.
    const [present] = await run("SELECT 1 AS one FROM pg_namespace WHERE nspname = $1", [schema]);
    if (!present) await run(`CREATE SCHEMA ${identifier(schema)}`);
    // For this transaction only.
    await run(`SET LOCAL search_path TO ${identifier(schema)}`);
    await run("SET LOCAL lock_timeout TO 0");
    await run("CREATE TABLE IF NOT EXISTS errand_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)");
    const [row] = await ask(reachedIn);
    refuseNewer(row?.number as number, where);
    for (const { number, name, statements, postgres = [] } of applicable(row?.number as number)) {
      for (const statement of statements) await run(inBytes(statement));
      for (const statement of postgres) await run(statement);
      await run("INSERT INTO errand_migrations (number, name) VALUES ($1, $2)", [number, name]);
    }
  });
}

/** Texts are compared and ordered as bytes, as ids must be, whatever language the database speaks. */
function inBytes(statement: string): string {
  return statement.replace(/\bTEXT\b/g, 'TEXT COLLATE "C"');
}
