import { sql } from "kysely";
import { heldStates, type State } from "../../core/states.ts";
import type { HeldRun, Store, Stray, WaitingPlace } from "../../core/store.ts";
import { isWaiting, stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import type { Row } from "./driver.ts";
import { runColumns, toRun } from "./rows.ts";
import { slot } from "./statements.ts";

/**
 * See `Store.renew`. A row that is locked at the moment is left to the next beat: whoever holds it may be the very process whose main thread
 * is busy, and must not keep the leases of all its other runs.
 */
export async function renewLeases(context: SqlContext, worker: string, lease: number): Promise<HeldRun[]> {
  const { driver } = context;
  const rows = await context.write(
    "renew",
    (db) =>
      db
        .updateTable("errand_runs")
        .set({ lease_until: driver.least(sql<number>`${driver.now} + ${slot("lease")}`, sql<number>`timeout_at`) })
        .where("id", "in", (eb) =>
          eb
            .selectFrom("errand_runs")
            .select("id")
            .where("worker", "=", slot<string>("worker"))
            .where(stateIn(heldStates))
            .where("timeout_at", ">", driver.now)
            .modifyEnd(driver.skipLocked),
        )
        .returning(["id", "attempt", "state"]),
    { worker, lease },
  );
  return rows.map(toHeld);
}

/** See `Store.held`. */
export async function heldRuns(context: SqlContext, worker: string): Promise<HeldRun[]> {
  const rows = await context.read(
    "held",
    (db) => db.selectFrom("errand_runs").select(["id", "attempt", "state"]).where("worker", "=", slot<string>("worker")).where(stateIn(heldStates)),
    { worker },
  );
  return rows.map(toHeld);
}

function toHeld({ id, attempt, state }: Row): HeldRun {
  return { id: id as string, attempt: attempt as number, state: state as State };
}

/** See `Store.strays`. */
export async function strayRuns(context: SqlContext, { cancelGrace, undeliveredAfter, limit, after }: Parameters<Store["strays"]>[0]): Promise<Stray[]> {
  const held = await heldStrays(context, cancelGrace, limit);
  const undelivered = await undeliveredStrays(context, undeliveredAfter, limit, after);
  return [...held, ...undelivered];
}

async function heldStrays(context: SqlContext, cancelGrace: number, limit: number): Promise<Stray[]> {
  const { now } = context.driver;
  const rows = await context.readValues(
    "strays-held",
    (db) =>
      db
        .selectFrom("errand_runs")
        .select([...runColumns, "timeout", sql<number>`lease_until <= ${now}`.as("expired"), sql<number>`timeout_at <= ${now}`.as("timed_out")])
        .where(stateIn(heldStates))
        .where((eb) =>
          eb.or([eb("lease_until", "<=", now), eb.and([eb("state", "=", "canceling"), eb("cancel_requested", "<=", sql<number>`${now} - ${slot("grace")}`)])]),
        )
        .limit(slot<number>("limit")),
    { grace: cancelGrace, limit },
  );
  return rows.map((row) => {
    const [timeout, expired, timedOut] = row.slice(runColumns.length);
    return { kind: expired ? "lease_expired" : "cancel_ignored", run: toRun(row), timedOut: Boolean(timedOut), timeout: timeout as number };
  });
}

async function undeliveredStrays(context: SqlContext, late: number, limit: number, after?: WaitingPlace): Promise<Stray[]> {
  const rows = await context.readValues(
    `strays-waiting${after !== undefined}`,
    (db) => {
      let query = db
        .selectFrom("errand_runs")
        .select([...runColumns, "timeout"])
        .where(isWaiting())
        .where("run_at", "<=", sql<number>`${context.driver.now} - ${slot("late")}`);
      if (after) query = query.where(isBehind());
      return query.orderBy("priority", "desc").orderBy("run_at").orderBy("id").limit(slot<number>("limit"));
    },
    { ...after, late, limit },
  );
  return rows.map((row) => ({ kind: "undelivered", run: toRun(row), timedOut: false, timeout: row[runColumns.length] as number }));
}

/** In the order of the index of what waits. */
function isBehind() {
  const [priority, runAt, id] = [slot<number>("priority"), slot<number>("runAt"), slot<string>("id")];
  return sql<boolean>`(priority < ${priority} or (priority = ${priority} and (run_at > ${runAt} or (run_at = ${runAt} and id > ${id}))))`;
}
