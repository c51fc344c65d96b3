import { sql } from "kysely";
import type { Run } from "../../core/run.ts";
import { endedStates } from "../../core/states.ts";
import type { GivenUp, StopDelivery, StopStore } from "../../core/stops.ts";
import { stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import type { SqlDriver } from "./driver.ts";
import { inBatches, named, padded, slots } from "./in-batches.ts";
import { runColumns, toRun } from "./rows.ts";
import { followedBy, slot } from "./statements.ts";

/** Most ended runs whose events are laid out for their listeners at once. */
const BATCH = 256;

/** Durable stop events in the same database as the runs: what was marked in the write that ended a run cannot be lost. */
export class SqlStops implements StopStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async register(listener: string, delay = 0): Promise<void> {
    // What ended before is for the listeners that were there then.
    while (await this.#layOut());
    await this.#context.write(
      "register-listener",
      (db) =>
        db
          .insertInto("errand_listeners")
          .values({ name: slot<string>("listener"), delay: slot<number>("delay") })
          .onConflict((conflict) =>
            conflict.column("name").doUpdateSet({ delay: sql<number>`excluded.delay` }).where(sql<boolean>`errand_listeners.delay <> excluded.delay`),
          ),
      { listener, delay: Math.round(delay) },
    );
  }

  async unregister(listener: string): Promise<void> {
    const context = this.#context;
    const results = await context.driver.write([
      context.bind("unregister-listener", (db) => db.deleteFrom("errand_listeners").where("name", "=", slot<string>("listener")), { listener }),
      context.bind("forget-stops", (db) => db.deleteFrom("errand_stops").where("listener", "=", slot<string>("listener")), { listener }),
    ]);
    for (const result of results) if (result instanceof Error) throw result;
    // Nobody else may be there to take the marks away.
    while (await this.#layOut());
  }

  async take({ listeners, limit, lease }: Parameters<StopStore["take"]>[0]): Promise<StopDelivery[]> {
    if (listeners.length === 0) return [];
    while (await this.#layOut());
    const list = padded(listeners);
    const { now, skipLocked } = this.#context.driver;
    const due = (db: SqlDriver["builder"]) =>
      db
        .selectFrom("errand_stops")
        .select(["run_id", "listener"])
        .where("listener", "in", slots(list))
        .where("due_at", "<=", now)
        .orderBy("due_at")
        .limit(slot<number>("limit"));
    const values = { ...named(list), limit, lease };
    // Looked for more often than found, and a look alone keeps nobody from writing.
    if ((await this.#context.read(`due-stops${list.length}`, due, values)).length === 0) return [];
    const rows = await this.#context.write(
      `take-stops${list.length}`,
      (db) =>
        db
          .with("due", () => due(db).modifyEnd(skipLocked))
          .updateTable("errand_stops")
          .set({ tries: sql`tries + 1`, due_at: sql<number>`${now} + ${slot("lease")}` })
          .where(sql<boolean>`(run_id, listener) in (select run_id, listener from due)`)
          // Once more, for databases that look again at a row which another taker held.
          .where("due_at", "<=", now)
          .returning(["run_id", "listener", "tries"]),
      values,
    );
    const taken = rows as unknown as { run_id: string; listener: string; tries: number }[];
    const runs = new Map((await this.#runs(taken.map((row) => row.run_id))).map((run) => [run.id, run]));
    return taken.flatMap(({ run_id: runId, listener, tries }) => {
      const run = runs.get(runId);
      return run ? [{ runId, listener, tries, run }] : []; // Erased a moment ago, with its events.
    });
  }

  /** Hidden or not. */
  async #runs(ids: readonly string[]): Promise<Run[]> {
    const rows = await inBatches(ids, (list) =>
      this.#context.readValues(`stopped${list.length}`, (db) => db.selectFrom("errand_runs").select(runColumns).where("id", "in", slots(list)), named(list)),
    );
    return rows.map(toRun);
  }

  async done({ runId, listener, tries }: Omit<StopDelivery, "run">, next: readonly string[] = []): Promise<void> {
    const context = this.#context;
    const { now } = context.driver;
    const gone = (db: SqlDriver["builder"]) =>
      db
        .deleteFrom("errand_stops")
        .where("run_id", "=", slot<string>("runId"))
        .where("listener", "=", slot<string>("listener"))
        .where("tries", "=", slot<number>("tries"));
    if (next.length === 0) return void (await context.write("stop-done", gone, { runId, listener, tries }));
    const done = context.bind("stop-done-passing", (db) => gone(db).returning("run_id"), { runId, listener, tries });
    const passings = next.map((to) =>
      context.bind(
        "stop-passed-on",
        (db) =>
          db
            .insertInto("errand_stops")
            .values({ run_id: slot<string>("runId"), listener: slot<string>("to"), tries: 0, due_at: now })
            .onConflict((conflict) => conflict.columns(["run_id", "listener"]).doUpdateSet({ tries: 0, due_at: now })),
        { runId, to },
      ),
    );
    const [result] = await context.driver.write([followedBy(done, passings)]);
    if (result instanceof Error) throw result;
  }

  async givenUp(limit: number): Promise<GivenUp[]> {
    const rows = await this.#context.read(
      "given-up-stops",
      (db) =>
        db
          .selectFrom("errand_stops")
          .select(["run_id", "listener", "tries", "error"])
          .where("due_at", "is", null)
          .orderBy("run_id", "desc")
          .orderBy("listener")
          .limit(slot<number>("limit")),
      { limit },
    );
    return rows.map(({ run_id: runId, listener, tries, error }) => ({ runId, listener, tries, error: error ?? "" }) as GivenUp);
  }

  async again({ runId, listener, tries }: Omit<StopDelivery, "run">, inMs: number | null, error: string): Promise<void> {
    const { now } = this.#context.driver;
    await this.#context.write(
      inMs === null ? "stop-given-up" : "stop-again",
      (db) =>
        db
          .updateTable("errand_stops")
          .set({ due_at: inMs === null ? null : sql<number>`${now} + ${slot("inMs")}`, error: slot<string>("error") })
          .where("run_id", "=", slot<string>("runId"))
          .where("listener", "=", slot<string>("listener"))
          .where("tries", "=", slot<number>("tries")),
      { runId, listener, tries, inMs, error: error.slice(0, 1000) },
    );
  }

  async redeliver(runId: string, listener: string): Promise<boolean> {
    const { now } = this.#context.driver;
    const rows = await this.#context.write(
      "redeliver-stop",
      (db) =>
        db
          .insertInto("errand_stops")
          .columns(["run_id", "listener", "tries", "due_at"])
          .expression((eb) =>
            eb
              .selectFrom("errand_runs")
              .select(["id", sql<string>`${slot("listener")}`.as("listener"), sql<number>`0`.as("tries"), sql<number>`${now}`.as("due_at")])
              .where("id", "=", slot<string>("runId"))
              .where("removed", "is", null)
              .where(stateIn(endedStates))
              .where(({ or, exists, selectFrom }) =>
                or([
                  exists(selectFrom("errand_listeners").select("name").where("name", "=", slot<string>("listener"))),
                  // One that nobody registers has it because another passed it on.
                  exists(
                    selectFrom("errand_stops").select("listener").where("run_id", "=", slot<string>("runId")).where("listener", "=", slot<string>("listener")),
                  ),
                ]),
              ),
          )
          .onConflict((conflict) => conflict.columns(["run_id", "listener"]).doUpdateSet({ tries: 0, due_at: now }))
          .returning("run_id"),
      { runId, listener },
      "anything",
    );
    return rows.length > 0;
  }

  /** Gives every registered listener a row for each ended run that is marked, then takes the mark away. Repeating it, or dying between the two, does no harm. False when none was. */
  async #layOut(): Promise<boolean> {
    const context = this.#context;
    const marked = await context.read(
      "unheard",
      (db) => db.selectFrom("errand_runs").select("id").where("unheard", "is not", null).orderBy("id").limit(slot<number>("limit")),
      { limit: BATCH },
    );
    if (marked.length === 0) return false;
    const ids = padded(marked.map((row) => row.id as string));
    const values = named(ids);
    const { now } = context.driver;
    const results = await context.driver.write([
      context.bind(
        `lay-out-stops${ids.length}`,
        (db) =>
          db
            .insertInto("errand_stops")
            .columns(["run_id", "listener", "tries", "due_at"])
            .expression((eb) =>
              eb
                .selectFrom(["errand_runs", "errand_listeners"])
                .select(["errand_runs.id", "errand_listeners.name", sql<number>`0`.as("tries"), sql<number>`${now} + errand_listeners.delay`.as("due_at")])
                .where("errand_runs.id", "in", slots(ids))
                .where("errand_runs.unheard", "is not", null),
            )
            .onConflict((conflict) => conflict.doNothing()),
        values,
      ),
      context.bind(`heard${ids.length}`, (db) => db.updateTable("errand_runs").set({ unheard: null }).where("id", "in", slots(ids)), values),
    ]);
    for (const result of results) if (result instanceof Error) throw result;
    return true;
  }
}
