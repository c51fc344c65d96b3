import type { StoreError } from "../../core/errors.ts";
import type { Row } from "../sql/driver.ts";
import type { ManyStatement } from "../sql/statements.ts";
import { isItsOwn } from "./errors.ts";
import type { PostgresPool } from "./pool.ts";
import { again } from "./retry.ts";
import type { Turns } from "./turns.ts";

/** Most rows of one statement, but that what one call writes stays together. */
const MOST = 500;
/** And most characters, with the same exception: all of a statement is one message, and no text of Node may have more than 2^29. */
const MOST_TEXT = 16_000_000;

/** Most statements at once: what is held up by a row that somebody has locked must not hold up the others. */
const AT_ONCE = 2;

/** One row of a statement, and whoever waits for what became of it. */
export interface LaneRow {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The same for all that was written by one call. */
  readonly call: object;
  readonly settle: (result: Row[] | Error) => void;
}

export interface LaneAnswers {
  /** What a row is told that came to nothing; `mayBeDone` when an earlier try may have done it. */
  readonly missing: (row: LaneRow, mayBeDone: boolean) => Promise<Row[] | Error>;
  readonly failed: (cause: unknown) => Error | StoreError;
}

/**
 * The writes of one shape: while statements are under way, those that come gather for the next one, so that a busy store has large statements
 * and an idle one waits for nothing. Each row stands or falls alone.
 */
export class PostgresLane {
  readonly #pool: PostgresPool;
  readonly #turns: Turns;
  readonly #statement: ManyStatement;
  readonly #answers: LaneAnswers;
  #waiting: LaneRow[] = [];
  /** How many statements are under way. */
  #going = 0;
  #gathering = false;

  constructor(pool: PostgresPool, turns: Turns, statement: ManyStatement, answers: LaneAnswers) {
    this.#pool = pool;
    this.#turns = turns;
    this.#statement = statement;
    this.#answers = answers;
  }

  add(row: LaneRow): void {
    this.#waiting.push(row);
    this.#gather();
  }

  /** What is added until its turn has come goes with it. */
  #gather(): void {
    if (this.#gathering || this.#waiting.length === 0 || this.#going >= AT_ONCE) return;
    this.#gathering = true;
    void this.#turns.take().then(() => this.#go());
  }

  async #go(): Promise<void> {
    this.#gathering = false;
    this.#going += 1;
    const rows = this.#next();
    this.#gather();
    await this.#writeAll(rows);
    this.#turns.giveBack();
    this.#going -= 1;
    this.#gather();
  }

  /** What the calls that wait have asked. No run twice, and in the order of their ids, so that two processes seldom wait for each other's rows. */
  #next(): LaneRow[] {
    const rows = new Map<string, LaneRow>();
    const later: LaneRow[] = [];
    let last: object | undefined;
    let length = 0;
    for (const row of this.#waiting) {
      if (rows.has(row.id) || ((rows.size >= MOST || length >= MOST_TEXT) && row.call !== last)) later.push(row);
      else {
        rows.set(row.id, row);
        last = row.call;
        length += this.#lengthOf(row);
      }
    }
    this.#waiting = later;
    return [...rows.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  #lengthOf({ values }: LaneRow): number {
    let length = 0;
    for (const name of this.#statement.slots) {
      const value = values[name];
      if (typeof value === "string") length += value.length;
    }
    return length;
  }

  /** When the statement fails by the fault of some row, each is written by itself, so that only that one fails. `repeated`: an earlier try may have done it. */
  async #writeAll(rows: readonly LaneRow[], repeated = false): Promise<void> {
    try {
      const written = await again((mayBeDone) => {
        repeated ||= mayBeDone;
        return this.#write(rows);
      });
      for (const row of rows) row.settle(written.get(row.id) ?? (await this.#answers.missing(row, repeated)));
    } catch (cause) {
      if (rows.length > 1 && isItsOwn(cause)) for (const row of rows) await this.#writeAll([row], repeated);
      else for (const row of rows) row.settle(this.#answers.failed(cause));
    }
  }

  async #write(rows: readonly LaneRow[]): Promise<Map<string, Row[]>> {
    const written = await this.#pool.query({ ...bound(this.#statement, rows), positional: true });
    return new Map(written.map((row) => [(row as unknown as unknown[])[0] as string, [row]]));
  }
}

/** The statement with the values of these rows. */
function bound({ sql, slots, alike }: ManyStatement, rows: readonly LaneRow[]): { readonly sql: string; readonly parameters: unknown[] } {
  const list = (name: string): unknown[] => rows.map(({ values }) => values[name] ?? null);
  const [first] = rows;
  if (!alike || !first || !rows.every(({ values }) => alike.shared.every((name) => values[name] === first.values[name]))) {
    return { sql, parameters: slots.map(list) };
  }
  return { sql: alike.sql, parameters: [...alike.slots.map(list), ...alike.shared.map((name) => first.values[name] ?? null)] };
}
