import pg from "pg";
import type { Row } from "../sql/driver.ts";
import type { Bound } from "../sql/statements.ts";
import { isBroken, NotConnected } from "./errors.ts";
import type { SchemaNames } from "./schema-names.ts";

/** Longest wait for a connection, ms. */
const CONNECT_MS = 5000;
/** Longest wait for an answer, ms; the connection is given up then. */
const ANSWER_MS = 30_000;
/** For migrations, which may build an index on a large table. */
export const NO_HURRY_MS = 2 ** 31 - 1;

/** The query of `pg` as it is used here. */
export interface PgQuery {
  readonly text: string;
  readonly values: unknown[];
  readonly name?: string;
  readonly rowMode?: "array";
  readonly types: { getTypeParser(type: number, format?: string): (value: string) => unknown };
  readonly query_timeout: number;
}

export interface PgClientLike {
  query(query: PgQuery): Promise<{ rows: unknown[] }>;
  release(destroy?: boolean): void;
  on?(event: "error", listener: () => void): unknown;
  off?(event: "error", listener: () => void): unknown;
}

/** A Pool of `pg`, by as little of its form as is needed. */
export interface PgPoolLike {
  connect(): Promise<PgClientLike>;
  on?(event: "connect", listener: (client: PgClientLike) => void): unknown;
  off?(event: "connect", listener: (client: PgClientLike) => void): unknown;
}

interface PoolOptions {
  readonly url: string | undefined;
  readonly pool: PgPoolLike | undefined;
  readonly max: number;
  readonly prepare: boolean;
  readonly names: SchemaNames;
}

export type Ask = (statement: Bound & { readonly unprepared?: true }, timeoutMs?: number) => Promise<Row[]>;

/** Connections of a pool, the store's own or the app's, whose settings stay as they are: all that a query needs comes with it. */
export class PostgresPool {
  readonly #own: pg.Pool | undefined;
  readonly #pool: PgPoolLike;
  readonly #names: SchemaNames;
  readonly #prepare: boolean;
  /** Waiting for a connection, each. */
  readonly #connecting = new Set<Promise<unknown>>();

  constructor({ url, pool, max, prepare, names }: PoolOptions) {
    this.#names = names;
    this.#prepare = prepare;
    if (!pool) this.#own = ownPool(url, max);
    this.#pool = pool ?? (this.#own as pg.Pool);
    this.#pool.on?.("connect", hearErrors);
  }

  /** Runs one statement, committed by itself. @throws NotConnected when it was never sent, else what `pg` threw */
  query(statement: Bound & { readonly unprepared?: true }): Promise<Row[]> {
    return this.#using((ask) => ask(statement));
  }

  /** Does all of `work` in one transaction, which is undone when it throws, or answers false. @throws as `query` */
  transaction<T>(work: (ask: Ask) => Promise<T>, stands: (result: T) => boolean = () => true): Promise<T> {
    return this.#using(async (ask) => {
      await ask(plain("BEGIN"));
      let result: T;
      try {
        result = await work(ask);
      } catch (error) {
        if (!isBroken(error)) await ask(plain("ROLLBACK"));
        throw error;
      }
      await ask(plain(stands(result) ? "COMMIT" : "ROLLBACK"));
      return result;
    });
  }

  async #using<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let broken = false;
    // A server that goes down says so also between two statements; the next one finds out.
    client.on?.("error", ignore);
    try {
      return await work(async (statement, timeoutMs = ANSWER_MS) => (await client.query(this.#toQuery(statement, timeoutMs))).rows as Row[]);
    } catch (error) {
      broken = isBroken(error);
      throw error;
    } finally {
      client.off?.("error", ignore);
      client.release(broken);
    }
  }

  async #connect(): Promise<PgClientLike> {
    const connecting = this.#pool.connect();
    this.#connecting.add(connecting);
    try {
      return await connecting;
    } catch (cause) {
      throw new NotConnected(cause);
    } finally {
      this.#connecting.delete(connecting);
    }
  }

  #toQuery({ sql, parameters, positional, unprepared }: Bound & { unprepared?: true }, timeoutMs: number): PgQuery {
    const { text, name } = unprepared ? { text: sql } : this.#names.qualify(sql);
    return {
      text,
      values: parameters.map(toValue),
      types,
      query_timeout: timeoutMs,
      ...(positional && { rowMode: "array" }),
      ...(this.#prepare && name !== undefined && { name }),
    };
  }

  /** Ends the store's own connections; an app's pool is the app's to end. */
  async close(): Promise<void> {
    this.#pool.off?.("connect", hearErrors);
    if (!this.#own) return;
    // A pool that ends answers nobody who still waits for a connection.
    while (this.#connecting.size > 0) await Promise.allSettled(this.#connecting);
    await this.#own.end();
  }
}

/** A statement that is sent as it is, and not kept prepared. */
export function plain(sql: string, parameters: readonly unknown[] = []): Bound & { readonly unprepared: true } {
  return { sql, parameters, unprepared: true };
}

function ownPool(url: string | undefined, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: "errand",
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    allowExitOnIdle: true,
    // There is an index for every question, with its order, and whoever plans while a table is small cannot know that it grows. What must be
    // sorted all the same looks so dear to the planner that it would be compiled first, which takes 100 ms.
    // Whoever dies in a transaction, its machine with it, must not keep its rows until TCP notices.
    options: "-c enable_seqscan=off -c enable_sort=off -c jit=off -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
  });
  pool.on("error", () => {}); // Of an idle connection: the pool opens another one when it is asked.
  return pool;
}

function ignore(): void {}

/** A server may end a connection in the same breath in which it opens it, before whoever asked for it has it. */
function hearErrors(client: PgClientLike): void {
  client.on?.("error", ignore);
}

function toValue(value: unknown): unknown {
  if (Array.isArray(value)) return `{${value.map(toElement).join()}}`;
  return typeof value === "string" ? withoutNul(value) : value;
}

/** PostgreSQL has no place for NUL in a text. */
function withoutNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}

/** As a list in PostgreSQL's own writing has it: behind a backslash every character stands for itself. */
function toElement(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value !== "string") return String(value);
  const text = withoutNul(value);
  // Of a MB of JSON, a replacement takes 60 ms and 20 MB; for texts of which it escapes no more, this takes a tenth.
  return text.isWellFormed() && !/[^ -\uffff]/.test(text) ? JSON.stringify(text) : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

const numbers = new Set([20, 21, 23, 700, 701, 1700]);
const BOOLEAN = 16;

/** Whatever the app has taught `pg`, numbers come as numbers here, and every other value as its text. */
const types = {
  getTypeParser(type: number): (value: string) => unknown {
    if (numbers.has(type)) return Number;
    return type === BOOLEAN ? (value) => value === "t" : (value) => value;
  },
};
