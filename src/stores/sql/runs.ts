import { type Expression, type Kysely, sql } from "kysely";
import type { NewRun, Run, RunWithArtifacts } from "../../core/run.ts";
import type { Change, Write, WriteResult } from "../../core/store.ts";
import { artifactIds, leaveArtifact, leftAlong, toRunWithArtifacts } from "./artifacts.ts";
import { changeStatement } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import type { ManyBuilder } from "./driver.ts";
import { inBatches, named, slots } from "./in-batches.ts";
import { claimKey } from "./keys.ts";
import { ledgerStatements, takeRetries } from "./ledger.ts";
import { insertedColumns, insertedRun, runColumns, toRun, toWrittenRun } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { type Bound, followedBy, slot } from "./statements.ts";
import { withArtifactsAndSums, withSums } from "./sums.ts";

/** See `Store.write`. */
export async function writeRuns(context: SqlContext, writes: readonly Write[]): Promise<WriteResult[]> {
  // What is inserted together is of one shape, so that it stands together.
  const arePlain = writes.every((write) => !("insert" in write) || isPlain(write.insert));
  const results = await context.driver.write(
    writes.map((write) => ("insert" in write ? inserting(context, write, arePlain) : changing(context, write.change))),
  );
  return results.map((result, index) => {
    if (result instanceof Error) return result;
    const [row] = result as unknown as unknown[][];
    if (row === undefined) return null;
    const write = writes[index] as Write;
    return "insert" in write ? insertedRun(write.insert, row) : toWrittenRun(row);
  });
}

function inserting(context: SqlContext, { insert, claim, retry }: Extract<Write, { insert: NewRun }>, arePlain: boolean): Bound {
  const statement = insertStatement(context, insert, arePlain);
  if (claim === undefined && retry === undefined) return statement;
  const follows = [claim && claimKey(context, claim, insert.id), retry !== undefined && takeRetries(context, retry, insert.id)];
  return followedBy(
    statement,
    follows.flatMap((follow) => (follow ? { ...follow, required: true } : [])),
  );
}

/** What it leaves goes in the change's own statement where the database can: one round trip, and the run's row is locked no longer than that. */
function changing(context: SqlContext, change: Change): Bound {
  const { driver, statements } = context;
  const { id, leave, ledger } = change;
  const along = leave && driver.writesInWith && leftAlong(context, leave);
  const statement = changeStatement(driver, statements, change, along);
  if (!ledger && (!leave || along)) return statement;
  return followedBy(statement, [...(leave && !along ? [leaveArtifact(context, leave)] : []), ...ledgerStatements(context, id, ledger)]);
}

export async function getRuns(context: SqlContext, ids: readonly string[]): Promise<Run[]> {
  const rows = await inBatches(ids, (list) =>
    context.readValues(
      `get${list.length}`,
      (db) => db.selectFrom("errand_runs").select(runColumns).where("id", "in", slots(list)).where("removed", "is", null),
      named(list),
    ),
  );
  return withSums(context, rows.map(toRun));
}

/** See `Store.getWithArtifacts`. */
export function getWithArtifacts(context: SqlContext, id: string): RunWithArtifacts | null | Promise<RunWithArtifacts | null> {
  return context.readFirst(
    "get-with-artifacts",
    (db) =>
      db
        .selectFrom("errand_runs")
        .select([...runColumns, artifactIds])
        .where("id", "=", slot<string>("id"))
        .where("removed", "is", null),
    { id },
    (row) => {
      const found = toRunWithArtifacts(row);
      return found.run.kind === null ? found : withArtifactsAndSums(context, [found]).then(([summed]) => summed as RunWithArtifacts);
    },
  );
}

const linkValues = {
  kind: slot<string | null>("kind"),
  root: slot<string | null>("root"),
  position: slot<number>("position"),
  weight: slot<number>("weight"),
  blocked: slot<number | null>("blocked"),
  on_failure: slot<string>("onFailure"),
  template: slot<string | null>("template"),
};
/** Of a run that is no part of linked ones. */
const noLink = { kind: null, root: null, position: null, weight: 1, blocked: null, onFailure: null, template: null };

/** Most runs are: on their own, due at once, and untraced. Half as many values need to be sent of them. */
function isPlain({ link, runAt, parent, rerunOf, trace, steps }: NewRun): boolean {
  return !link && typeof runAt !== "number" && parent === null && rerunOf === null && !trace && !steps;
}

function insertStatement(context: SqlContext, run: NewRun, isPlain: boolean): Bound {
  const { link, runAt: time } = run;
  const absolute = typeof time === "number";
  const { many } = context.driver;
  return context.statements.bind(
    `insert${isPlain ? "-plain" : ""}${absolute ? "-at" : ""}${link ? "-linked" : ""}`,
    () =>
      context.driver.builder
        .insertInto("errand_runs")
        .values({ ...newRow(context, absolute ? slot("runAt") : sql<number>`${context.driver.now} + ${slot("runIn")}`), ...(link && linkValues) })
        .returning(insertedColumns),
    {
      ...run,
      ...(link ?? noLink),
      trace: run.trace ?? null,
      steps: run.steps ? JSON.stringify(run.steps) : null,
      blocked: link?.blocked ? 1 : null,
      runAt: absolute ? time : null,
      runIn: absolute ? null : time.fromNow,
    },
    many && (() => many((db, given) => insertMany(context, db, given, isPlain))),
    { positional: true, tells: "pending", runId: run.id },
  );
}

/** A run that is there already is left as it is, and not returned. */
function insertMany(context: SqlContext, db: Kysely<Schema>, given: Parameters<Parameters<ManyBuilder>[0]>[1], arePlain: boolean) {
  const fromNow = sql<number>`${context.driver.now} + ${slot("runIn")}`;
  const row = arePlain ? plainRow(context, fromNow) : { ...newRow(context, sql<number>`coalesce(${slot("runAt")}, ${fromNow})`), ...linkValues };
  return db
    .insertInto("errand_runs")
    .columns(Object.keys(row) as (keyof Schema["errand_runs"])[])
    .expression(db.selectFrom(given).select(Object.entries(row).map(([column, value]) => sql`${value}`.as(`new_${column}`))))
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning(insertedColumns);
}

function newRow(context: SqlContext, runAt: Expression<number> | number) {
  return {
    ...plainRow(context, runAt),
    parent: slot<string | null>("parent"),
    rerun_of: slot<string | null>("rerunOf"),
    trace: slot<string | null>("trace"),
    steps: slot<string | null>("steps"),
  };
}

function plainRow({ driver: { now } }: SqlContext, runAt: Expression<number> | number) {
  return {
    id: slot<string>("id"),
    rev: 1,
    task: slot<string>("task"),
    name: slot<string>("name"),
    owner: slot<string | null>("owner"),
    queue: slot<string>("queue"),
    priority: slot<number>("priority"),
    state: "pending",
    completed_steps: 0,
    total_steps: slot<number>("totalSteps"),
    planned_steps: slot<number>("totalSteps"),
    attempt: 0,
    max_attempts: slot<number>("maxAttempts"),
    input: slot<string>("input"),
    run_at: runAt,
    created: now,
    modified: now,
    timeout: slot<number>("timeout"),
  };
}
