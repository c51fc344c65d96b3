import { sql } from "kysely";
import type { PresenceStore, Watched } from "../../core/presence.ts";
import type { SqlContext } from "./context.ts";
import { type Bound, slot } from "./statements.ts";

/** Most owners of one statement. */
const MOST = 256;

/** See `PresenceStore`. A process writes its own rows only, so that no two ever wait for each other. */
export class SqlPresence implements PresenceStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async note(process: string, watched: readonly Watched[]): Promise<void> {
    const statements: Bound[] = [];
    for (let start = 0; start < watched.length; ) {
      const count = Math.min(MOST, 2 ** Math.floor(Math.log2(watched.length - start)));
      statements.push(this.#noting(process, watched.slice(start, start + count)));
      start += count;
    }
    if (statements.length === 0) return;
    for (const result of await this.#context.driver.write(statements)) if (result instanceof Error) throw result;
  }

  async watchedAt(owner: string, at: number, late: number): Promise<boolean> {
    const rows = await this.#context.read(
      "watched-at",
      (db) =>
        db
          .selectFrom("errand_presence")
          .select("process")
          .where("owner", "=", slot<string>("owner"))
          .where("since", "<=", slot<number>("latest"))
          .where("until", ">=", slot<number>("at"))
          .limit(1),
      { owner, at, latest: at + late },
    );
    return rows.length > 0;
  }

  async forget(age: number): Promise<void> {
    const { now } = this.#context.driver;
    await this.#context.write("forget-presence", (db) => db.deleteFrom("errand_presence").where("until", "<", sql<number>`${now} - ${slot("age")}`), { age });
  }

  /** As many owners as there are; their number is a power of two, so that few statements serve any. */
  #noting(process: string, watched: readonly Watched[]): Bound {
    const { now } = this.#context.driver;
    const values = Object.fromEntries(
      watched.flatMap(({ owner, since, until }, index) => [
        [`owner${index}`, owner],
        [`since${index}`, Math.round(since)],
        [`until${index}`, Math.round(until)],
      ]),
    );
    return this.#context.bind(
      `note-presence${watched.length}`,
      (db) =>
        db
          .insertInto("errand_presence")
          .values(
            watched.map((_, index) => ({
              owner: slot<string>(`owner${index}`),
              process: slot<string>("process"),
              since: sql<number>`${now} - ${slot(`since${index}`)}`,
              until: sql<number>`${now} + ${slot(`until${index}`)}`,
            })),
          )
          .onConflict((conflict) =>
            conflict.columns(["owner", "process"]).doUpdateSet({ since: sql<number>`excluded.since`, until: sql<number>`excluded.until` }),
          ),
      { process, ...values },
    );
  }
}
