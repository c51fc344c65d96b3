import type { Database } from "./database.ts";

/** How large the table of runs and its indexes are. */
export interface Sizes {
  readonly rows: number;
  /** Bytes. */
  readonly total: number;
  readonly table: number;
  /** Bytes by index, the largest first. */
  readonly indexes: readonly { readonly name: string; readonly size: number }[];
}

export async function sizesOf({ client }: Database): Promise<Sizes> {
  const { rows } = await client.query<{ name: string; size: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_relation_size(indexrelid) AS size
     FROM pg_index WHERE indrelid = 'errand_runs'::regclass ORDER BY size DESC, name`,
  );
  const indexes = rows.map(({ name, size }) => ({ name, size: Number(size) }));
  const [sums] = (
    await client.query("SELECT count(*) AS rows, pg_table_size('errand_runs') AS table, pg_total_relation_size('errand_runs') AS total FROM errand_runs")
  ).rows as [{ rows: string; table: string; total: string }];
  return { rows: Number(sums.rows), total: Number(sums.total), table: Number(sums.table), indexes };
}
