import { DummyDriver, type Expression, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import type { Schema } from "../sql/schema.ts";

/** Builds queries in PostgreSQL's language; it runs none. */
export const builder = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** ms since 1970 in the app's own transaction, which may have begun long ago. `extract` would reckon in decimals, which takes four times as long. */
export const NOW = "(date_part('epoch', statement_timestamp()) * 1000)::bigint";
/** ms since 1970; the same in all that is written together, and stable, so that an index serves to look for it. */
export const now = sql<number>`(date_part('epoch', transaction_timestamp()) * 1000)::bigint`;

export const skipLocked = sql`for update skip locked`;

export function least(one: Expression<number>, other: Expression<number>): Expression<number> {
  return sql<number>`least(${one}, ${other})`;
}

export function greatest(one: Expression<unknown>, other: Expression<unknown>): Expression<number> {
  return sql<number>`greatest(${one}, ${other})`;
}

/** The collation brings the letters of every alphabet, whichever the database was made for. */
export function contains(text: Expression<string | null>, part: Expression<string>): Expression<boolean> {
  const folded = (value: Expression<string | null>) => sql`lower((${value})::text collate "und-x-icu")`;
  return sql<boolean>`strpos(${folded(text)}, ${folded(part)}) > 0`;
}
