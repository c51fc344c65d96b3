import { type CompiledQuery, type Expression, type RawBuilder, sql, type UpdateObject, type UpdateQueryBuilder, type UpdateResult } from "kysely";
import { waitingStates } from "../../core/states.ts";
import type { Change } from "../../core/store.ts";
import type { SqlDriver } from "./driver.ts";
import { fromMessage, runColumns } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { type Bound, type Statements, slot } from "./statements.ts";

const plainColumns = {
  state: "state",
  name: "name",
  completedSteps: "completed_steps",
  totalSteps: "total_steps",
  step: "step",
  stepFrom: "step_from",
  result: "result",
  worker: "worker",
  blocked: "blocked",
  input: "input",
} as const;

const timeColumns = { runAt: "run_at", started: "started", ended: "ended", stepStarted: "step_started", cancelRequested: "cancel_requested" } as const;

/** What is written in the same statement as a change and drawn from its row, where the database can (`SqlDriver.writesInWith`). */
export interface Along {
  readonly shape: string;
  /** By slots of its own: they share a statement with those of the change. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The whole statement; it returns the row of `change`. */
  readonly build: (change: ChangeQuery) => { compile(): CompiledQuery };
}

/** The guarded write of a change: one UPDATE that finds no row when the guard has lost, and then nothing goes along with it. */
export function changeStatement(driver: SqlDriver, statements: Statements, { id, guard, patch, claim }: Change, along?: Along): Bound {
  const values = along ? { ...valuesOf(id, guard, patch), ...along.values } : valuesOf(id, guard, patch);
  const change = { id, guard, patch, claim };
  const query = () => build(driver, driver.builder.updateTable("errand_runs"), change);
  const marks = { positional: true, tells: "run", runId: id } as const;
  if (along) return statements.bind(`${along.shape}|${shapeOf(change)}`, () => along.build(query()), values, undefined, marks);
  const { many } = driver;
  return statements.bind(
    shapeOf(change),
    query,
    values,
    many && (() => many((db, given) => build(driver, db.updateTable("errand_runs").from(given) as Update, change))),
    marks,
  );
}

/** What is in the slots. All of them are named, whatever the change sets: objects of one form cost a fraction of as many forms. */
function valuesOf(id: string, guard: Change["guard"], { set = {}, add = {} }: Change["patch"]) {
  return {
    id,
    guardAttempt: guard.attempt,
    guardWorker: guard.worker,
    cancelOlderThan: guard.cancelOlderThan,
    addAttempt: add.attempt,
    addMaxAttempts: add.maxAttempts,
    addRev: add.rev,
    state: set.state,
    name: set.name,
    completedSteps: set.completedSteps,
    totalSteps: set.totalSteps,
    plannedSteps: set.plannedSteps,
    step: set.step,
    stepFrom: set.stepFrom,
    result: set.result,
    worker: set.worker,
    blocked: set.blocked,
    input: set.input,
    stateText: set.stateText && fromMessage(set.stateText),
    error: set.error && JSON.stringify(set.error),
    loops: set.loops && JSON.stringify(set.loops),
    runAt: set.runAt?.fromNow,
    started: set.started?.fromNow,
    ended: set.ended?.fromNow,
    stepStarted: set.stepStarted?.fromNow,
    cancelRequested: set.cancelRequested?.fromNow,
    lease: set.lease?.fromNow,
  };
}

/** Two changes of one shape differ in values only, so they share a statement. Nulls of a lease or a time are part of the shape. */
function shapeOf({ guard, patch, claim }: Change): string {
  let shape = `${guard.states.join()}|${guard.attempt !== undefined}|${guard.worker !== undefined}|${guard.leaseExpired}|${guard.cancelOlderThan !== undefined}|${guard.due}|${guard.blocked}|${guard.follows?.join()}|${claim}|`;
  for (const key in patch.set) {
    const value = patch.set[key as keyof typeof patch.set];
    if (value !== undefined) shape += value === null ? `${key}0,` : `${key},`;
  }
  for (const key in patch.add) if (patch.add[key as keyof typeof patch.add] !== undefined) shape += `+${key}`;
  return shape;
}

type Update = UpdateQueryBuilder<Schema, "errand_runs", "errand_runs", UpdateResult>;
type ChangeQuery = ReturnType<typeof build>;

function build(driver: SqlDriver, update: Update, { guard, patch, claim }: Change) {
  let query = update
    .set(assignments(driver, patch) as UpdateObject<Schema, "errand_runs">)
    .where("id", "=", slot<string>("id"))
    .where(stateIn(guard.states));
  if (guard.attempt !== undefined) query = query.where("attempt", "=", slot<number>("guardAttempt"));
  if (guard.worker !== undefined) query = query.where("worker", "=", slot<string>("guardWorker"));
  if (guard.leaseExpired) query = query.where("lease_until", "<=", driver.now);
  if (guard.cancelOlderThan !== undefined) query = query.where("cancel_requested", "<=", sql<number>`${driver.now} - ${slot<number>("cancelOlderThan")}`);
  if (guard.blocked) query = query.where("blocked", "is not", null);
  if (guard.follows) query = query.where(follows(guard.follows));
  if (guard.due) query = query.where("run_at", "<=", driver.now);
  return query.returning(claim ? [...runColumns, "input", "trace"] : runColumns);
}

/** No sibling before it is in any other state. */
function follows(states: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`not exists (
    select 1 from errand_runs as earlier
    where earlier.parent = errand_runs.parent and earlier.position < errand_runs.position and not earlier.${stateIn(states)}
  )`;
}

function assignments(driver: SqlDriver, { set = {}, add = {} }: Change["patch"]): Record<string, unknown> {
  const result: Record<string, unknown> = { rev: add.rev === undefined ? sql`rev + 1` : sql`rev + 1 + ${slot("addRev")}`, modified: driver.now };
  for (const [key, column] of Object.entries(plainColumns)) if (set[key as keyof typeof plainColumns] !== undefined) result[column] = slot(key);
  for (const [key, column] of Object.entries(timeColumns)) if (set[key as keyof typeof timeColumns] !== undefined) result[column] = fromNow(driver, key);
  if (set.steps === "restart") Object.assign(result, restarted(driver));
  if (set.plannedSteps !== undefined) Object.assign(result, { planned_steps: slot("plannedSteps"), total_steps: slot("plannedSteps") });
  // Only when some listener wants to hear of it later: otherwise nobody would take the mark away.
  if (set.ended !== undefined) result.unheard = sql`case when exists (select 1 from errand_listeners) then 1 end`;
  if (set.stateText !== undefined) result.state_text = slot("stateText");
  if (set.error !== undefined) result.error = slot("error");
  if (set.loops !== undefined) result.loops = slot("loops");
  if (add.attempt !== undefined) result.attempt = sql`attempt + ${slot("addAttempt")}`;
  if (add.maxAttempts !== undefined) result.max_attempts = sql`max_attempts + ${slot("addMaxAttempts")}`;
  const timeoutAt: Expression<number> = set.timeoutAt === "from_timeout" ? sql<number>`${driver.now} + timeout` : sql<number>`timeout_at`;
  if (set.timeoutAt !== undefined) result.timeout_at = set.timeoutAt === null ? null : timeoutAt;
  if (set.lease !== undefined) result.lease_until = set.lease === null ? null : driver.least(fromNow(driver, "lease"), timeoutAt);
  return result;
}

/** The next attempt counts anew; what its containers show does not fall. */
function restarted(driver: SqlDriver): Record<string, unknown> {
  return {
    completed_steps: 0,
    step: 0,
    step_from: 0,
    total_steps: sql`planned_steps`,
    peak_steps: driver.greatest(sql`peak_steps`, sql`completed_steps`),
    peak_total: driver.greatest(sql`peak_total`, sql`total_steps`),
  };
}

function fromNow(driver: SqlDriver, name: string): RawBuilder<number> {
  return sql<number>`${driver.now} + ${slot<number>(name)}`;
}

/** Rows that a worker may take, now or at their time: not containers, nor children that wait for their turn. As in their partial index. */
export function isWaiting(): RawBuilder<boolean> {
  return sql<boolean>`${stateIn(waitingStates)} and blocked is null and kind is null`;
}

/** Literals, not parameters: only so can a database see that a partial index serves. */
export function stateIn(states: readonly string[]): RawBuilder<boolean> {
  return states.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`state in (${sql.join(states.map((state) => sql.lit(state)))})`;
}
