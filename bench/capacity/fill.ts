import { tell } from "../measure.ts";
import type { Database } from "./database.ts";

/** Whom every tenth run belongs to: somebody with a long history. */
export const HEAVY_OWNER = "u1";
/** A task of which there is hardly a run. */
export const RARE_TASK = "close_the_year";
/** Over how long the runs are spread, ms: what an installation keeps by default. */
const SPAN = 30 * 86_400_000;
/** Rows of one statement. */
const BATCH = 500_000;
/** Every so many runs one left a file. */
const ARTIFACT_EVERY = 20;

/**
 * Fills a fresh database with runs that have ended, evenly over the last 30 days, as the order of their ids says, by plain SQL: a tenth of
 * one owner, the others of an owner to 100 runs each. Indexes are built behind it, which takes a fraction of the time.
 */
export async function fillRuns(database: Database, count: number): Promise<void> {
  const { client } = database;
  const { rows: indexes } = await client.query<{ indexname: string; indexdef: string }>(
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'errand' AND tablename = 'errand_runs' AND indexname NOT LIKE '%\\_pkey'",
  );
  await client.query("SET synchronous_commit TO off");
  for (const { indexname } of indexes) await client.query(`DROP INDEX errand.${indexname}`);
  const begun = Date.now() - SPAN;
  for (let from = 0; from < count; from += BATCH) {
    await client.query(RUNS, [from, Math.min(count, from + BATCH) - 1, begun, SPAN / count, Math.max(1, Math.floor(count / 100))]);
    if (count > BATCH) tell(`  ${Math.min(count, from + BATCH)} of ${count} rows`);
  }
  await client.query(ARTIFACTS);
  await client.query("SET maintenance_work_mem TO '512MB'");
  for (const { indexdef } of indexes) await client.query(indexdef);
  await client.query("VACUUM (ANALYZE) errand_runs");
  await client.query("VACUUM (ANALYZE) errand_artifacts");
}

/** A UUIDv7 of the time `ms`, with the digits of `n` in the place of chance, so that no two are the same. */
const uuid = (ms: string, n: string) => `regexp_replace(lpad(to_hex(${ms}), 12, '0'), '^(.{8})', '\\1-') || '-7' || substr(md5(${n}::text), 1, 3)
  || '-8' || substr(md5(${n}::text), 4, 3) || '-' || substr(md5(${n}::text), 7, 12)`;

const RUNS = `
  INSERT INTO errand_runs (id, rev, task, name, owner, queue, priority, state, completed_steps, total_steps, planned_steps, attempt, max_attempts,
    input, result, error, run_at, created, modified, started, ended, timeout)
  SELECT ${uuid("at", "n")}, 9, CASE n % 100000 WHEN 7 THEN '${RARE_TASK}' ELSE 'export_course' END, 'Export of course ' || n,
    CASE n % 10 WHEN 0 THEN '${HEAVY_OWNER}' ELSE 'u' || (2 + n * 7919 % $5::bigint) END,
    'default', 0, CASE n % 50 WHEN 3 THEN 'failed' ELSE 'succeeded' END, 12, 12, 12, 1, 3, '{"course":' || n || '}',
    CASE n % 50 WHEN 3 THEN NULL ELSE '{"pages":' || n % 300 || '}' END,
    CASE n % 50 WHEN 3 THEN '{"message":"The course has no chapter 8.","code":"user","type":"UserError"}' END,
    at, at, at + 900, at + 3, at + 900, 3600000
  FROM (SELECT n, $3::bigint + (n * $4::float8)::bigint AS at FROM generate_series($1::bigint, $2::bigint) AS n) AS numbered ORDER BY n`;

const ARTIFACTS = `
  INSERT INTO errand_artifacts (id, run_id, owner, attempt, name, kind, key, type, size, created, modified)
  SELECT ${uuid("created + 800", "id")}, id, owner, 1, 'course.html', 'file', id || '/course.html', 'text/html', 48211, ended, ended
  FROM errand_runs WHERE right(input, 3) IN (${Array.from({ length: 10 }, (_, index) => `'${index}1}'`).join(", ")}) AND created % ${ARTIFACT_EVERY / 10} = 0`;
