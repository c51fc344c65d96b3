import { sql } from "kysely";
import type { NewRun, Run, RunWithArtifacts } from "../core/run.ts";
import type { Change, Write, WriteResult } from "../core/store.ts";
import { changeStatement } from "./change-statement.ts";
import { inBatches, named, slots } from "./lists.ts";
import { runColumns, toRun, toWrittenRun } from "./rows.ts";
import { artifactIds, leaveArtifact, toRunWithArtifacts } from "./sql-artifacts.ts";
import type { SqlContext } from "./sql-context.ts";
import { claimKey } from "./sql-keys.ts";
import { ledgerStatements, takeRetries } from "./sql-ledger.ts";
import { withArtifactsAndSums, withSums } from "./sql-sums.ts";
import { type Bound, followedBy, slot } from "./statements.ts";

/** See `Store.write`. */
export async function writeRuns(context: SqlContext, writes: readonly Write[]): Promise<WriteResult[]> {
  const results = await context.driver.write(writes.map((write) => ("insert" in write ? inserting(context, write) : changing(context, write.change))));
  return results.map((result) => (result instanceof Error ? result : result[0] ? toWrittenRun(result[0] as unknown as unknown[]) : null));
}

function inserting(context: SqlContext, { insert, claim, retry }: Extract<Write, { insert: NewRun }>): Bound {
  const statement: Bound = { ...insertStatement(context, insert), positional: true };
  if (claim === undefined && retry === undefined) return statement;
  const follows = [claim && claimKey(context, claim, insert.id), retry !== undefined && takeRetries(context, retry, insert.id)];
  return followedBy(
    statement,
    follows.flatMap((follow) => (follow ? { ...follow, required: true } : [])),
  );
}

function changing(context: SqlContext, change: Change): Bound {
  const statement: Bound = { ...changeStatement(context.driver, context.statements, change), positional: true };
  if (!change.leave && !change.ledger) return statement;
  return followedBy(statement, [...(change.leave ? [leaveArtifact(context, change.leave)] : []), ...ledgerStatements(context, change.id, change.ledger)]);
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

function insertStatement(context: SqlContext, run: NewRun): Bound {
  const absolute = typeof run.runAt === "number";
  const { link } = run;
  const { now } = context.driver;
  return context.bind(
    `insert${absolute ? "-at" : ""}${link ? "-linked" : ""}`,
    (db) =>
      db
        .insertInto("errand_runs")
        .values({
          id: slot("id"),
          rev: 1,
          task: slot("task"),
          name: slot("name"),
          owner: slot("owner"),
          queue: slot("queue"),
          priority: slot("priority"),
          state: "pending",
          completed_steps: 0,
          total_steps: slot("totalSteps"),
          planned_steps: slot("totalSteps"),
          attempt: 0,
          max_attempts: slot("maxAttempts"),
          input: slot("input"),
          parent: slot("parent"),
          rerun_of: slot("rerunOf"),
          run_at: absolute ? slot("runAt") : sql<number>`${now} + ${slot("runAt")}`,
          created: now,
          modified: now,
          timeout: slot("timeout"),
          ...(link && linkValues),
        })
        .returning(runColumns),
    { ...run, ...link, ...(link && { blocked: link.blocked ? 1 : null }), runAt: absolute ? run.runAt : (run.runAt as { fromNow: number }).fromNow },
  );
}
