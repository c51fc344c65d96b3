import { type SelectExpression, sql } from "kysely";
import type { Run, RunWithArtifacts } from "../../core/run.ts";
import type { Page, RunFilter } from "../../core/run-filter.ts";
import { isEnded } from "../../core/states.ts";
import { artifactIds, toRunWithArtifacts } from "./artifacts.ts";
import { stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import { runColumns, toRun } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { slot } from "./statements.ts";
import { withArtifactsAndSums, withSums } from "./sums.ts";

const ID = runColumns.indexOf("id");

/** See `Store.list`: newest first, by the key that UUIDv7 is, so that a deep page costs what the first does. */
export async function listRuns(context: SqlContext, filter: RunFilter, page: Page): Promise<Run[]> {
  return withSums(context, (await select(context, "list", runColumns, filter, page)).map(toRun));
}

/** See `Store.listWithArtifacts`. */
export async function listWithArtifacts(context: SqlContext, filter: RunFilter, page: Page): Promise<RunWithArtifacts[]> {
  return withArtifactsAndSums(context, (await select(context, "list-with-artifacts", [...runColumns, artifactIds], filter, page)).map(toRunWithArtifacts));
}

type Columns = readonly SelectExpression<Schema, "errand_runs">[];

/** An owner's runs lie in two indexes: those that are parts of others, and all others. */
async function select(context: SqlContext, what: string, columns: Columns, filter: RunFilter, page: Page): Promise<unknown[][]> {
  if (typeof filter.owner !== "string" || filter.parent !== undefined) return selectFrom(context, what, columns, filter, page);
  const found = await Promise.all([
    selectFrom(context, what, columns, { ...filter, parent: null }, page),
    selectFrom(context, `${what} parts`, columns, filter, page, true),
  ]);
  const turn = page.after === undefined ? -1 : 1;
  const idOf = (row: unknown[]) => row[ID] as string;
  return found
    .flat()
    .sort((one, other) => (idOf(one) < idOf(other) ? -turn : turn))
    .slice(0, page.limit);
}

/** @param parts only runs that are parts of others */
function selectFrom(
  context: SqlContext,
  what: string,
  columns: Columns,
  filter: RunFilter,
  { limit, before, after }: Page,
  parts = false,
): Promise<unknown[][]> {
  const { driver } = context;
  const shape = `${what} ${filter.owner === null ? "nobody" : ""} ${filter.parent === null ? "outermost" : ""} ${filter.states?.join() ?? ""} ${[...given(filter), before && "before", after !== undefined && "after"].join()}`;
  return context.readValues(
    shape,
    (db) => {
      let query = db.selectFrom("errand_runs").select(columns).where("removed", "is", null);
      if (filter.owner === null) query = query.where("owner", "is", null);
      else if (filter.owner !== undefined) query = query.where("owner", "=", slot<string>("owner"));
      if (filter.states) query = query.where(stateIn(filter.states));
      // Known already, but not to a database: only so does it see that the index of what is open serves.
      if (filter.states?.every((state) => !isEnded(state))) query = query.where("ended", "is", null);
      if (filter.task !== undefined) query = query.where("task", "=", slot<string>("task"));
      if (filter.name !== undefined) query = query.where(driver.contains(sql.ref("name"), wanted("name")));
      if (filter.createdAfter !== undefined) query = query.where("created", ">=", slot<number>("createdAfter"));
      if (filter.createdBefore !== undefined) query = query.where("created", "<", slot<number>("createdBefore"));
      if (filter.parent === null) query = query.where("parent", "is", null);
      else if (filter.parent !== undefined) query = query.where("parent", "=", slot<string>("parent"));
      else if (parts) query = query.where("parent", ">", sql.lit("")); // In the words of their index.
      if (filter.search !== undefined) {
        query = query.where((eb) =>
          eb.or([
            eb("id", "=", slot<string>("search")),
            eb("task", "=", slot<string>("search")),
            eb("owner", "=", slot<string>("search")),
            driver.contains(sql.ref("name"), wanted("search")),
          ]),
        );
      }
      if (before !== undefined) query = query.where("id", "<", slot<string>("before"));
      if (after !== undefined) query = query.where("id", ">", slot<string>("after"));
      return query.orderBy("id", after === undefined ? "desc" : "asc").limit(slot<number>("limit"));
    },
    { ...filter, before, after, limit },
  );
}

/** See `Store.input`. */
export async function getInput(context: SqlContext, id: string): Promise<string | null> {
  const [row] = await context.read(
    "input",
    (db) => db.selectFrom("errand_runs").select("input").where("id", "=", slot<string>("id")).where("removed", "is", null),
    { id },
  );
  return (row?.input as string | undefined) ?? null;
}

/** See `Store.trace`. */
export async function getTrace(context: SqlContext, id: string): Promise<string | null> {
  const [row] = await context.read(
    "trace",
    (db) => db.selectFrom("errand_runs").select("trace").where("id", "=", slot<string>("id")).where("removed", "is", null),
    { id },
  );
  return (row?.trace as string | null | undefined) ?? null;
}

/** See `Store.endedSince`. */
export async function endedSince(context: SqlContext, since: number, limit: number): Promise<Run[]> {
  const rows = await context.readValues(
    "ended-since",
    (db) =>
      db
        .selectFrom("errand_runs")
        .select(runColumns)
        .where("ended", ">=", sql<number>`${context.driver.now} - ${slot("since")}`)
        .orderBy("ended")
        .limit(slot<number>("limit")),
    { since, limit },
  );
  return rows.map(toRun);
}

function given(filter: RunFilter): string[] {
  return Object.entries(filter).flatMap(([key, value]) => (value === undefined ? [] : [key]));
}

function wanted(name: "name" | "search") {
  return sql<string>`${slot(name)}`;
}
