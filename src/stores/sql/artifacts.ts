import { type SelectQueryBuilder, sql } from "kysely";
import type { Artifact, NewArtifact } from "../../core/artifact.ts";
import type { RunWithArtifacts } from "../../core/run.ts";
import type { ArtifactFilter, Page } from "../../core/run-filter.ts";
import { heldStates } from "../../core/states.ts";
import { type Along, stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import type { Row, SqlDriver } from "./driver.ts";
import { inBatches, named, slots } from "./in-batches.ts";
import { fromMessage, runColumns, toArtifact, toRun } from "./rows.ts";
import type { ArtifactsTable, RunsTable } from "./schema.ts";
import { type Bound, slot } from "./statements.ts";

/** Who may write for a run: only the attempt that holds it. */
export interface ArtifactGuard {
  readonly attempt: number;
  readonly worker: string;
}

/** By name, also where all are meant: a statement that PostgreSQL keeps prepared fails when a newer version adds one. */
const columns = ["id", "run_id", "owner", "attempt", "name", "kind", "text", "url", "key", "type", "size", "created", "modified"] as const;

/** The ids of what a run left, as one column of the run. */
export const artifactIds = sql<string | null>`(select string_agg(id, ',') from errand_artifacts where run_id = errand_runs.id)`.as("artifact_ids");

/** Of a positional row that has `artifactIds` behind the columns of its run. An aggregate promises no order; ids have that of time. */
export function toRunWithArtifacts(values: readonly unknown[]): RunWithArtifacts {
  const ids = values[runColumns.length] as string | null;
  return { run: toRun(values), artifactIds: ids === null ? [] : ids.split(",").sort() };
}

/** The row of what is left with a change of its run, which it follows. */
export function leaveArtifact(context: SqlContext, artifact: NewArtifact): Bound {
  return context.bind(
    "leave-artifact",
    (db) => newRow(db).expression(newValues(db.selectFrom("errand_runs as run").where("id", "=", slot<string>("left.runId")))),
    newSlots(artifact),
  );
}

/** The same in the statement of the change: without a row that was changed there is none to insert. */
export function leftAlong({ driver }: SqlContext, artifact: NewArtifact): Along {
  return {
    shape: "leave-artifact",
    values: newSlots(artifact),
    build: (change) =>
      driver.builder
        .with("changed", () => change)
        .with("kept", (db) => newRow(db).expression(newValues(db.selectFrom("changed as run"))))
        .selectFrom("changed")
        .selectAll(),
  };
}

export async function resizeArtifact(context: SqlContext, id: string, size: number, guard: ArtifactGuard): Promise<Artifact | null> {
  const rows = await context.write(
    "resize-artifact",
    (db) =>
      db
        .updateTable("errand_artifacts")
        .set({ size: slot<number>("size"), modified: context.driver.now })
        .where("id", "=", slot<string>("id"))
        .where("run_id", "in", (eb) =>
          eb
            .selectFrom("errand_runs")
            .select("id")
            .where(stateIn(heldStates))
            .where("attempt", "=", slot<number>("attempt"))
            .where("worker", "=", slot<string>("worker")),
        )
        .returning(columns),
    { id, size, ...guard },
  );
  return first(rows);
}

export async function getArtifact(context: SqlContext, id: string): Promise<Artifact | null> {
  return first(await context.read("artifact", (db) => visible(db).where("id", "=", slot<string>("id")), { id }));
}

/** Of these runs, oldest first. */
export async function listArtifacts(context: SqlContext, runIds: readonly string[]): Promise<Artifact[]> {
  const rows = await inBatches(runIds, (list) => context.read(`artifacts${list.length}`, (db) => visible(db).where("run_id", "in", slots(list)), named(list)));
  return rows.map((row) => toArtifact(row as unknown as ArtifactsTable)).sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** See `Store.pageArtifacts`. */
export async function pageArtifacts(context: SqlContext, { owner, run }: ArtifactFilter, { limit, before }: Page): Promise<Artifact[]> {
  const rows = await context.read(
    `page-artifacts ${owner === null ? "nobody" : owner !== undefined} ${run !== undefined} ${before !== undefined}`,
    (db) => {
      let query = visible(db);
      if (owner === null) query = query.where("owner", "is", null);
      else if (owner !== undefined) query = query.where("owner", "=", slot<string>("owner"));
      if (run !== undefined) query = query.where("run_id", "=", slot<string>("run"));
      if (before !== undefined) query = query.where("id", "<", slot<string>("before"));
      return query.orderBy("id", "desc").limit(slot<number>("limit"));
    },
    { owner, run, before, limit },
  );
  return rows.map((row) => toArtifact(row as unknown as ArtifactsTable));
}

/** Artifacts of runs that are not hidden. */
function visible(db: SqlDriver["builder"]) {
  return db
    .selectFrom("errand_artifacts")
    .select(columns)
    .where(({ exists, selectFrom }) => exists(selectFrom("errand_runs").select("id").whereRef("errand_runs.id", "=", "run_id").where("removed", "is", null)));
}

function newRow(db: Pick<SqlDriver["builder"], "insertInto">) {
  return db.insertInto("errand_artifacts").columns(columns);
}

/** The row's values, drawn from its run, whose change it came with. */
function newValues<Tables extends { run: Pick<RunsTable, "id" | "owner" | "attempt" | "modified"> }>(run: SelectQueryBuilder<Tables, "run", object>) {
  const text = (name: string) => sql<string>`${slot(`left.${name}`)}`.as(`new_${name}`);
  return run
    .select([text("id"), "id", "owner", "attempt", text("name"), text("kind"), text("text"), text("url"), text("key"), text("type")])
    .select([sql<number>`${slot("left.size")}`.as("new_size"), "modified as new_created", "modified as new_modified"]);
}

function newSlots(artifact: NewArtifact): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...artifact, text: fromMessage(artifact.text) }).map(([name, value]) => [`left.${name}`, value]));
}

function first(rows: readonly Row[]): Artifact | null {
  return rows[0] ? toArtifact(rows[0] as unknown as ArtifactsTable) : null;
}
