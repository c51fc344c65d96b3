import { StoreError } from "../../core/errors.ts";
import type { Row } from "../sql/driver.ts";
import { insertedColumns } from "../sql/rows.ts";
import type { Bound } from "../sql/statements.ts";
import { postgresError } from "./errors.ts";
import { PostgresLane } from "./lane.ts";
import type { Ask, PostgresPool } from "./pool.ts";
import { again } from "./retry.ts";
import { Turns } from "./turns.ts";

type Result = Row[] | Error;

/**
 * Does writes, each standing or falling alone. Those of one shape go as one statement; what is written of one run in one call is done in
 * order, and what is written of no one run waits for all before it.
 */
export class PostgresWriter {
  readonly #pool: PostgresPool;
  readonly #where: string;
  readonly #lanes = new Map<string, PostgresLane>();
  readonly #turns = new Turns();

  constructor(pool: PostgresPool, where: string) {
    this.#pool = pool;
    this.#where = where;
  }

  write(statements: readonly Bound[]): Promise<Result[]> {
    const call = {};
    const results: Promise<Result>[] = [];
    const latest = new Map<string, Promise<Result>>();
    let barrier: Promise<Result> | undefined;
    for (const statement of statements) {
      const places = placesOf(statement);
      const before = places.length === 0 ? results : places.flatMap((place) => latest.get(place) ?? barrier ?? []);
      const result = before.length === 0 ? this.#do(statement, call) : Promise.all(before).then(() => this.#do(statement, call));
      results.push(result);
      for (const place of places) latest.set(place, result);
      if (places.length > 0) continue;
      barrier = result;
      latest.clear();
    }
    return Promise.all(results);
  }

  #do(statement: Bound, call: object): Promise<Result> {
    const { many, values, runId, follow } = statement;
    if (!many || !values || runId === undefined || follow) return this.#alone(statement);
    let lane = this.#lanes.get(many.sql);
    if (!lane) {
      lane = new PostgresLane(this.#pool, this.#turns, many, {
        missing: (row, mayBeDone) => this.#missing(many.sql, row.id, mayBeDone),
        failed: (cause) => this.#failed(cause),
      });
      this.#lanes.set(many.sql, lane);
    }
    return new Promise((settle) => lane.add({ id: runId, values, call, settle }));
  }

  async #alone(statement: Bound): Promise<Result> {
    let repeated = false;
    try {
      return await again<Result>(async (mayBeDone) => {
        repeated = mayBeDone;
        const rows = await this.#once(statement);
        return repeated && rows.length === 0 && statement.sql.includes(" returning ") ? this.#unknown() : rows;
      });
    } catch (cause) {
      const error = this.#failed(cause);
      if (!repeated || !(error instanceof StoreError) || error.failure !== "conflict") return error;
      return statement.runId !== undefined && insertsRun(statement.sql) ? this.#inserted(statement.runId) : this.#unknown();
    }
  }

  #once(statement: Bound): Promise<Row[]> {
    const { follow } = statement;
    if (!follow) return this.#pool.query(statement);
    return this.#pool.transaction(
      (ask) => withFollows(ask, statement, follow),
      (rows) => rows.length > 0,
    );
  }

  /** A change has lost its guard, or had won it before its answer was lost; an insert found its run there. */
  async #missing(text: string, id: string, mayBeDone: boolean): Promise<Result> {
    if (!mayBeDone) return insertsRun(text) ? this.#conflict(id) : [];
    return insertsRun(text) ? this.#inserted(id) : this.#unknown();
  }

  /** Nobody else has this id: it was inserted by the try whose answer was lost. */
  async #inserted(id: string): Promise<Result> {
    try {
      const rows = await again(() =>
        this.#pool.query({ sql: `select ${insertedColumns.join(", ")} from errand_runs where id = $1`, parameters: [id], positional: true }),
      );
      return rows.length > 0 ? rows : this.#unknown();
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  #failed(cause: unknown): Error {
    return postgresError(cause, this.#where);
  }

  #conflict(id: string): StoreError {
    return new StoreError("conflict", `PostgreSQL at ${this.#where} already has a run ${id}.`);
  }

  #unknown(): StoreError {
    return new StoreError(
      "unavailable",
      `The connection to PostgreSQL at ${this.#where} broke during a write, and whether it was done is not known. Read again before it is repeated.`,
    );
  }
}

/** Of a statement that is of one run: any other changes it, also where a row that it leaves is inserted with that. */
function insertsRun(text: string): boolean {
  return text.startsWith("insert");
}

/** What is written at one place is written in order: of one run, and of all that may not happen, such as the taking of a key. */
function placesOf({ runId, follow }: Bound): string[] {
  if (runId === undefined) return [];
  return follow?.required ? [runId, "keys"] : [runId];
}

/** A follow that is required and returns no row takes everything back. */
async function withFollows(ask: Ask, statement: Bound, follow: Bound): Promise<Row[]> {
  const rows = await ask(statement);
  if (rows.length === 0) return rows;
  for (let next: Bound | undefined = follow; next; next = next.follow) {
    if ((await ask(next)).length === 0 && next.required) return [];
  }
  return rows;
}
