import { DatabaseSync } from "node:sqlite";
import { createErrand } from "errand";

/** Whom half of all runs belong to. */
export const OWNER = "u1";
/** Rows of one transaction. */
const BATCH = 100_000;
/** The rest of the runs is of so many other owners. */
const OTHERS = 1000;

/**
 * Fills a new file with runs that have ended, one of them a second, and what they left: every second run is OWNER's, every seventh
 * failed and left a text, the others a file. By plain SQL, since it is reading that is to be measured.
 */
export async function fillRuns(file: string, count: number): Promise<void> {
  const errand = createErrand({ database: `file:${file}`, broker: "database", worker: false });
  await errand.start();
  await errand.close();
  const db = new DatabaseSync(file);
  try {
    db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
    const [runs, artifacts] = [db.prepare(RUNS), db.prepare(ARTIFACTS)];
    const begun = Date.now() - count * 1000;
    for (let from = 0; from < count; from += BATCH) {
      const part = { from, to: Math.min(count, from + BATCH) };
      db.exec("BEGIN");
      runs.run({ ...part, begun, owner: OWNER, others: OTHERS });
      artifacts.run({ begun, ...part });
      db.exec("COMMIT");
    }
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
}

/** A UUIDv7 of the time `ms`. */
const uuid = (ms: string) =>
  `substr(printf('%012x', ${ms}), 1, 8) || '-' || substr(printf('%012x', ${ms}), 9) || '-7' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))`;

const RUNS = `
  WITH RECURSIVE counted (n) AS (SELECT CAST(:from AS INTEGER) UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < :to)
  INSERT INTO errand_runs (id, rev, task, name, owner, queue, priority, state, state_text, completed_steps, total_steps, planned_steps, attempt, max_attempts,
    input, result, error, run_at, created, modified, started, ended, timeout)
  SELECT lower(${uuid(":begun + n * 1000")}), 9, 'export_course', 'Export of Biology ' || n, CASE n % 2 WHEN 0 THEN :owner ELSE 'u' || (2 + n % CAST(:others AS INTEGER)) END,
    'default', 0, CASE n % 7 WHEN 6 THEN 'failed' ELSE 'succeeded' END, 'Exporting Chapter 12', CASE n % 7 WHEN 6 THEN 7 ELSE 12 END, 12, 12, 1, 3,
    '{"courseId":' || n || '}', CASE n % 7 WHEN 6 THEN NULL ELSE '{"sections":12,"pages":' || (n % 300) || '}' END,
    CASE n % 7 WHEN 6 THEN '{"message":"The course has no chapter 8.","code":"user","type":"UserError"}' END,
    :begun + n * 1000, :begun + n * 1000, :begun + n * 1000 + 900, :begun + n * 1000 + 3, :begun + n * 1000 + 900, 3600000
  FROM counted`;

const ARTIFACTS = `
  INSERT INTO errand_artifacts (id, run_id, owner, attempt, name, kind, text, key, type, size, created, modified)
  SELECT lower(${uuid("created + 800")}), id, owner, attempt, CASE state WHEN 'failed' THEN 'Error' ELSE 'course.html' END,
    CASE state WHEN 'failed' THEN 'text' ELSE 'file' END, CASE state WHEN 'failed' THEN 'The course has no chapter 8.' END,
    CASE state WHEN 'failed' THEN NULL ELSE id || '/course.html' END, CASE state WHEN 'failed' THEN NULL ELSE 'text/html' END,
    CASE state WHEN 'failed' THEN NULL ELSE 48211 END, ended, ended
  FROM errand_runs WHERE ended >= :begun + :from * 1000 AND ended < :begun + :to * 1000`;
