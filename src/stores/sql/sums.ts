import { type RawBuilder, sql } from "kysely";
import type { Sums } from "../../core/links.ts";
import type { Run, RunWithArtifacts } from "../../core/run.ts";
import { stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import { runColumns, toRun } from "./rows.ts";
import { slot } from "./statements.ts";

/** Containers among the runs show the sums of what is below them as long as they go on; other runs stay as they are. */
export async function withSums(context: SqlContext, runs: Run[]): Promise<Run[]> {
  if (!runs.some(isOpenContainer)) return runs;
  return Promise.all(runs.map((run) => (isOpenContainer(run) ? summedUp(context, run) : run)));
}

/** The same for runs that come with their artifacts. */
export async function withArtifactsAndSums(context: SqlContext, entries: RunWithArtifacts[]): Promise<RunWithArtifacts[]> {
  const runs = await withSums(
    context,
    entries.map(({ run }) => run),
  );
  return entries.map((entry, index) => (runs[index] === entry.run ? entry : { ...entry, run: runs[index] as Run }));
}

function isOpenContainer(run: Run): boolean {
  return run.kind !== null && run.ended === null;
}

async function summedUp(context: SqlContext, run: Run): Promise<Run> {
  const { completed, total, rev, modified } = await sumsOf(context, run.id);
  const stateText = run.stateText ?? (await passedUp(context, run));
  return { ...run, stateText, completedSteps: completed, totalSteps: total, rev: run.rev + rev, modified: Math.max(run.modified, modified) };
}

/**
 * A run counts with the most that any of its attempts has shown, and in full once it has succeeded, so that a sum never falls when a child
 * is tried again. Containers count by their children alone. "Cross" keeps the order of the joins: SQLite would go through all runs otherwise.
 */
export async function sumsOf(context: SqlContext, id: string): Promise<Sums> {
  const total = greater(sql`run.peak_total`, sql`run.total_steps`);
  const most = greater(sql`run.peak_steps`, sql`run.completed_steps`);
  const weight = sql`box.weight * run.weight`;
  const [row] = await context.read(
    "sums",
    (db) => ({
      compile: () =>
        sql`
          with recursive box(id, weight) as (
            select id, cast(1 as bigint) from errand_runs where id = ${slot("id")}
            union all
            select child.id, box.weight * child.weight from box cross join errand_runs as child where child.parent = box.id and child.kind is not null
          )
          select
            coalesce(sum(case when run.kind is null then ${weight} * ${total} end), 0) as total,
            coalesce(sum(case
              when run.kind is not null then 0
              when run.state = 'succeeded' then ${weight} * ${total}
              when run.completed_steps = 0 and run.peak_steps = 0 then 0
              when ${most} > ${total} then ${weight} * ${total}
              else ${weight} * ${most} end), 0) as completed,
            coalesce(sum(run.rev), 0) as rev,
            coalesce(max(run.modified), 0) as modified
          from box cross join errand_runs as run where run.parent = box.id
        `.compile(db),
    }),
    { id },
  );
  return row as unknown as Sums;
}

/** In plain language: a call of a function for each of ten thousand children takes as long as all the rest. */
function greater(one: RawBuilder<unknown>, other: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${one} > ${other} then ${one} else ${other} end`;
}

/** What the step under way of a chain says; a group passes nothing up. */
async function passedUp(context: SqlContext, { id, kind }: Pick<Run, "id" | "kind">): Promise<Run["stateText"]> {
  if (kind === "group") return null;
  const [row] = await context.readValues(
    "passed-up",
    (db) =>
      db
        .selectFrom("errand_runs")
        .select(runColumns)
        .where("parent", "=", slot<string>("id"))
        .where("blocked", "is", null)
        .where(stateIn(["in_progress", "retrying", "canceling"]))
        .orderBy("position", "desc")
        .limit(1),
    { id },
  );
  if (!row) return null;
  const child = toRun(row);
  return child.stateText ?? (child.kind === null ? null : passedUp(context, child));
}
