import { sql } from "kysely";
import { endedStates } from "../../core/states.ts";
import { stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import type { Row, SqlDriver } from "./driver.ts";
import { inBatches, named, slots } from "./in-batches.ts";
import { slot } from "./statements.ts";

/** How long after its end a deleted run is kept for listeners that have not heard of it, ms: about as long as a listener is tried. */
const HEARD_WITHIN_MS = 3 * 86_400_000;

/** See `Store.hide`. */
export async function hideRuns(context: SqlContext, ids: readonly string[]): Promise<string[]> {
  const { now } = context.driver;
  const rows = await inBatches(ids, (list) =>
    context.write(
      `hide${list.length}`,
      (db) =>
        db
          .updateTable("errand_runs")
          .set({ removed: now, modified: now, rev: sql`rev + 1` })
          .where(({ or, eb }) => or([eb("id", "in", slots(list)), eb("root", "in", slots(list))]))
          .where("removed", "is", null)
          .returning("id"),
      named(list),
      "anything",
    ),
  );
  return idsOf(rows);
}

/** See `Store.hideEnded`. */
export async function hideEnded(context: SqlContext, { age, limit }: { age: number; limit: number }): Promise<string[]> {
  const { now } = context.driver;
  const rows = await context.write(
    "hide-ended",
    (db) =>
      db
        .with("old", (from) =>
          from
            .selectFrom("errand_runs")
            .select("id")
            .where("ended", "<=", sql<number>`${now} - ${slot("age")}`)
            .where("root", "is", null)
            .where("removed", "is", null)
            .orderBy("ended")
            .limit(slot<number>("limit")),
        )
        .updateTable("errand_runs")
        .set({ removed: now, modified: now, rev: sql`rev + 1` })
        // Not "or", for which PostgreSQL would go through the whole table.
        .where(sql<boolean>`id in (select id from old union all select below.id from errand_runs as below where below.root in (select id from old))`)
        // Once more, for databases that look again at a row which another hider held.
        .where("removed", "is", null)
        .returning("id"),
    { age, limit },
    "anything",
  );
  return idsOf(rows);
}

/** See `Store.hidden`. */
export async function hiddenRuns(context: SqlContext, limit: number): Promise<string[]> {
  return idsOf(
    await context.read(
      "hidden",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select("id")
          .where("removed", "is not", null)
          .where(stateIn(endedStates))
          .where(rootHasEnded())
          .where((eb) => eb.or([eb("cleared", "is", null), eb.not(awaited(context.driver))]))
          .orderBy("id")
          .limit(slot<number>("limit")),
      { limit },
    ),
  );
}

/** See `Store.erase`. */
export async function eraseRuns(context: SqlContext, ids: readonly string[]): Promise<void> {
  const { driver } = context;
  await inBatches(ids, async (list) => {
    const values = named(list);
    const gone = (db: SqlDriver["builder"]) => erasable(db, list).where((eb) => eb.not(awaited(driver)));
    const results = await driver.write([
      context.bind(`erase-artifacts${list.length}`, (db) => db.deleteFrom("errand_artifacts").where("run_id", "in", erasable(db, list)), values),
      context.bind(`erase-failures${list.length}`, (db) => db.deleteFrom("errand_failures").where("run_id", "in", erasable(db, list)), values),
      context.bind(`erase-retries${list.length}`, (db) => db.deleteFrom("errand_retries").where("run_id", "in", erasable(db, list)), values),
      context.bind(`mark-cleared${list.length}`, (db) => db.updateTable("errand_runs").set({ cleared: 1 }).where("id", "in", erasable(db, list)), values),
      context.bind(`erase-stops${list.length}`, (db) => db.deleteFrom("errand_stops").where("run_id", "in", gone(db)), values),
      context.bind(`erase-runs${list.length}`, (db) => db.deleteFrom("errand_runs").where("id", "in", gone(db)), values),
    ]);
    for (const result of results) if (result instanceof Error) throw result;
    return [];
  });
}

function erasable(db: SqlDriver["builder"], list: readonly string[]) {
  return db
    .selectFrom("errand_runs")
    .select("id")
    .where("id", "in", slots(list))
    .where("removed", "is not", null)
    .where(stateIn(endedStates))
    .where(rootHasEnded());
}

/** Of linked runs nothing goes before all have ended: their container counts them until then. */
function rootHasEnded() {
  return sql<boolean>`(root is null or not exists (select 1 from errand_runs as box where box.id = errand_runs.root and box.ended is null))`;
}

/** A durable listener has still to hear of the run's end: at least once is promised, also of a run that was deleted. */
function awaited({ now }: SqlDriver) {
  return sql<boolean>`(
    ended > ${now} - ${sql.lit(HEARD_WITHIN_MS)}
    and (unheard is not null or exists (select 1 from errand_stops where run_id = errand_runs.id and due_at is not null))
  )`;
}

/** See `Store.known`. */
export async function knownRuns(context: SqlContext, ids: readonly string[]): Promise<string[]> {
  return idsOf(
    await inBatches(ids, (list) =>
      context.read(`known${list.length}`, (db) => db.selectFrom("errand_runs").select("id").where("id", "in", slots(list)), named(list)),
    ),
  );
}

function idsOf(rows: readonly Row[]): string[] {
  return rows.map((row) => row.id as string);
}
