import { sql } from "kysely";
import type { Failure } from "../../core/each.ts";
import type { LedgerPage, LedgerStore, LedgerWrite, Loops, RetryItem } from "../../core/ledger.ts";
import type { SqlContext } from "./context.ts";
import type { SqlDriver } from "./driver.ts";
import { padded } from "./in-batches.ts";
import { fromMessage, toMessage } from "./rows.ts";
import type { FailuresTable } from "./schema.ts";
import { type Bound, slot } from "./statements.ts";

/** Most failures that one statement inserts. */
const AT_ONCE = 64;

const retryColumns = ["number", "loop", "position", "label", "before", "cursor", "item"] as const;

/** What loops leave, in the same database as the runs: it is written with the run's row, and read here. */
export class SqlLedger implements LedgerStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async loops(runId: string): Promise<Loops | null> {
    const [row] = await this.#context.read(
      "loops",
      (db) => db.selectFrom("errand_runs").select("loops").where("id", "=", slot<string>("runId")).where("removed", "is", null),
      { runId },
    );
    return typeof row?.loops === "string" ? (JSON.parse(row.loops) as Loops) : null;
  }

  async failures(runId: string, { limit, after = 0, loop }: LedgerPage & { loop?: string }): Promise<Failure[]> {
    const rows = await this.#context.read(
      loop === undefined ? "failures" : "failures-of-loop",
      (db) => {
        let query = db
          .selectFrom("errand_failures")
          .select(["number", "loop", "position", "label", "message", "columns"])
          .where("run_id", "=", slot<string>("runId"))
          .where("number", ">", slot<number>("after"))
          .where(notHidden);
        if (loop !== undefined) query = query.where("loop", "=", slot<string>("loop"));
        return query.orderBy("number").limit(slot<number>("limit"));
      },
      { runId, after, limit, loop },
    );
    return (rows as unknown as FailuresTable[]).map(({ position, message, columns, ...row }) => ({
      ...row,
      index: position,
      message: toMessage(message),
      columns: columns === null ? null : (JSON.parse(columns) as Failure["columns"]),
    }));
  }

  async retries(runId: string): Promise<{ loop: string; items: number }[]> {
    const rows = await this.#context.read(
      "retries",
      (db) =>
        db
          .selectFrom("errand_retries")
          .select(({ fn }) => ["loop", fn.countAll<number>().as("items")])
          .where("run_id", "=", slot<string>("runId"))
          .groupBy("loop")
          .orderBy("loop"),
      { runId },
    );
    return rows.map(({ loop, items }) => ({ loop: loop as string, items: Number(items) }));
  }

  async retryItems(runId: string, loop: string, { limit, after = 0 }: LedgerPage): Promise<RetryItem[]> {
    const rows = await this.#context.read(
      "retry-items",
      (db) =>
        db
          .selectFrom("errand_retries")
          .select(["number", "position", "label", "before", "cursor", "item"])
          .where("run_id", "=", slot<string>("runId"))
          .where("loop", "=", slot<string>("loop"))
          .where("number", ">", slot<number>("after"))
          .orderBy("number")
          .limit(slot<number>("limit")),
      { runId, loop, after, limit },
    );
    return (rows as unknown as FailuresTable[]).map(({ position, ...row }) => ({ ...row, index: position }));
  }
}

/** The rows of `Change.ledger`, which follow the change. */
export function ledgerStatements(context: SqlContext, runId: string, { restart, failures }: LedgerWrite = { restart: [], failures: [] }): Bound[] {
  const statements = restart.map((loop) =>
    context.bind(
      "forget-failures",
      (db) => db.deleteFrom("errand_failures").where("run_id", "=", slot<string>("runId")).where("loop", "=", slot<string>("loop")),
      {
        runId,
        loop,
      },
    ),
  );
  for (let start = 0; start < failures.length; start += AT_ONCE) statements.push(keepFailures(context, runId, failures.slice(start, start + AT_ONCE)));
  return statements;
}

function keepFailures(context: SqlContext, runId: string, failures: LedgerWrite["failures"]): Bound {
  const rows = padded(failures);
  const values: Record<string, unknown> = { runId };
  for (const [index, { message, columns, ...failure }] of rows.entries()) {
    for (const [name, value] of Object.entries(failure)) values[`${index}.${name}`] = value;
    values[`${index}.message`] = fromMessage(message);
    values[`${index}.columns`] = columns === null ? null : JSON.stringify(columns);
  }
  return context.bind(
    `keep-failures${rows.length}`,
    (db) =>
      db
        .insertInto("errand_failures")
        .values(rows.map((_, index) => newRow(context.driver, index)))
        .onConflict((conflict) => conflict.doNothing()),
    values,
  );
}

function newRow({ now }: SqlDriver, index: number) {
  const value = <T>(name: string) => slot<T>(`${index}.${name}`);
  return {
    run_id: slot<string>("runId"),
    number: value<number>("number"),
    loop: value<string>("loop"),
    position: value<number>("index"),
    label: value<string>("label"),
    message: value<string>("message"),
    columns: value<string | null>("columns"),
    before: value<string | null>("before"),
    cursor: value<string | null>("cursor"),
    item: value<string | null>("item"),
    created: now,
  };
}

/** Copies the failed items of a run for its rerun, so that it needs the first one no more. It returns no row when there are none. */
export function takeRetries(context: SqlContext, from: string, runId: string): Bound {
  return context.bind(
    "take-retries",
    (db) =>
      db
        .insertInto("errand_retries")
        .columns(["run_id", ...retryColumns])
        .expression((eb) =>
          eb
            .selectFrom("errand_failures")
            .select([sql<string>`${slot("runId")}`.as("new_run_id"), ...retryColumns])
            .where("run_id", "=", slot<string>("from"))
            .where(notHidden),
        )
        .returning("number"),
    { from, runId },
  );
}

/** Its run is there for readers. */
const notHidden = sql<boolean>`exists (select 1 from errand_runs where errand_runs.id = errand_failures.run_id and removed is null)`;
