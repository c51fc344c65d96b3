import type { NewRun, Run } from "../../core/run.ts";
import { runColumns, toRun } from "../sql/rows.ts";

/** The columns that are given from outside, with what they are made of. The others are the same in every new row. */
const given: Readonly<Record<string, (run: NewRun) => string | number | null>> = {
  id: ({ id }) => id,
  task: ({ task }) => task,
  name: ({ name }) => name,
  owner: ({ owner }) => owner,
  queue: ({ queue }) => queue,
  priority: ({ priority }) => priority,
  total_steps: ({ totalSteps }) => totalSteps,
  planned_steps: ({ totalSteps }) => totalSteps,
  max_attempts: ({ maxAttempts }) => maxAttempts,
  input: ({ input }) => input,
  parent: ({ parent }) => parent,
  rerun_of: ({ rerunOf }) => rerunOf,
  timeout: ({ timeout }) => timeout,
  trace: ({ trace = null }) => trace,
  steps: ({ steps }) => (steps ? JSON.stringify(steps) : null),
  kind: ({ link }) => link?.kind ?? null,
  root: ({ link }) => link?.root ?? null,
  position: ({ link }) => link?.position ?? null,
  weight: ({ link }) => link?.weight ?? 1,
  blocked: ({ link }) => (link?.blocked ? 1 : null),
  on_failure: ({ link }) => link?.onFailure ?? null,
  template: ({ link }) => link?.template ?? null,
};

/** What differs between databases in the statement below. */
export interface InsertDialect {
  /** The table, with its schema. */
  readonly table: string;
  /** The store's clock, ms. */
  readonly now: string;
  /** Value of a given column in the row at hand. */
  readonly value: (column: string) => string;
  /** Where the rows come from: a table made of the one parameter. */
  readonly source: string;
  /** Makes JSON text of a list of expressions. */
  readonly list: (expressions: string) => string;
  /** Further columns to return. */
  readonly also?: string;
}

/**
 * The statement that inserts runs through any client. Clients differ in how they send and read numbers and types, and the app may have changed
 * that besides; so all rows go as one text parameter, and each comes back as one text, the list of its columns, named `row`.
 */
export function insertText({ table, now, value, source, list, also }: InsertDialect): string {
  const runAt = `coalesce(${value("run_at")}, ${now} + ${value("run_in")})`;
  const columns = [...Object.keys(given), "rev", "state", "completed_steps", "attempt", "run_at", "created", "modified"];
  const values = [...Object.keys(given).map(value), "1", "'pending'", "0", "0", runAt, now, now];
  return `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM ${source} RETURNING ${list(runColumns.join(", "))} AS row${also ? `, ${also}` : ""}`;
}

/** Columns that are not of the table: only one of the two is given. */
export const timeColumns = ["run_at", "run_in"] as const;
export const givenColumns: readonly string[] = Object.keys(given);

/** The parameter of that statement; `write` says what becomes of a text. */
export function insertParameter(runs: readonly NewRun[], write: (text: string) => string = (text) => text): string {
  const rows = runs.map((run) => {
    const row: Record<string, string | number | null> = typeof run.runAt === "number" ? { run_at: run.runAt } : { run_in: run.runAt.fromNow };
    for (const [column, of] of Object.entries(given)) {
      const value = of(run);
      row[column] = typeof value === "string" ? write(value) : value;
    }
    return row;
  });
  return JSON.stringify(rows);
}

/** The runs that the statement returned, in the order in which they were given. */
export function returnedRuns(given: readonly NewRun[], rows: readonly Record<string, unknown>[]): Run[] {
  const runs = rows.map(({ row }) => toRun((typeof row === "string" ? JSON.parse(row) : row) as unknown[])); // Some clients read JSON wherever they see it.
  const byId = new Map(runs.map((run) => [run.id, run]));
  return given.map(({ id }) => byId.get(id) as Run);
}
