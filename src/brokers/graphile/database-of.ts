import type { Query } from "./connections.ts";

/** Where a connection is: two with the same answer are on one database of one server, for no two servers start in the same microsecond. */
export async function databaseOf(query: Query): Promise<unknown> {
  const [row] = await query("SELECT current_database() || ' ' || extract(epoch from pg_postmaster_start_time())::text AS database", []);
  return row?.database;
}
