import { resolve } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { DummyDriver, type Expression, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import { StoreError } from "../core/errors.ts";
import type { Store, StoreAddress } from "../core/store.ts";
import type { JoinedTransaction } from "../core/transaction.ts";
import type { Row, SqlDriver } from "./sql/driver.ts";
import type { Schema } from "./sql/schema.ts";
import { type Bound, CLOCK } from "./sql/statements.ts";
import { SqlStore } from "./sql/store.ts";
import { sqliteError } from "./sqlite/errors.ts";
import { migrateSqlite } from "./sqlite/migrate.ts";
import { SqliteWatch } from "./sqlite/watch.ts";
import { joinSqlite } from "./transactions/join-sqlite.ts";

export interface SqliteOptions {
  /** Path of the file, created when there is none; ":memory:" for one that dies with the process. */
  readonly file: string;
  /** The store's clock, ms since 1970; the machine's by default. */
  readonly clock?: () => number;
}

/** How long a write waits for another process's, ms, before it fails as busy. */
const BUSY_MS = 15_000;
/** How much of that SQLite may wait in place, with the event loop stopped. The rest is waited for between other work. */
const BLOCKING_MS = 2;

/**
 * Runs in an SQLite file, through the SQLite that is built into Node. Any number of processes on one machine may share the file.
 * Commits survive a crash of the process; a crash of the machine may take the last moments (WAL with synchronous NORMAL).
 *
 * @throws StoreError from the first use, when the file cannot be opened or is no database.
 */
export function sqlite(options: SqliteOptions | string): Store {
  return new SqlStore(new SqliteDriver(typeof options === "string" ? { file: options } : options));
}

/** Opens the same file again, in another thread; see `StoreAddress`. */
export function open(options: unknown): Store {
  return sqlite(options as SqliteOptions);
}

class SqliteDriver implements SqlDriver {
  readonly name = "sqlite";
  readonly address?: StoreAddress;
  readonly builder = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  readonly now = sql<number>`${CLOCK}`;
  readonly skipLocked = sql``;
  readonly #file: string;
  readonly #clock: () => number;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #positional = new Map<string, StatementSync>();
  #db: DatabaseSync | undefined;
  #watch: SqliteWatch | undefined;
  #closed = false;

  constructor({ file, clock }: SqliteOptions) {
    this.#file = file === ":memory:" ? file : resolve(file);
    this.#clock = clock ?? Date.now;
    if (file !== ":memory:" && !clock) this.address = { module: import.meta.url, options: { file: this.#file } };
  }

  least(one: Expression<number>, other: Expression<number>): Expression<number> {
    return sql<number>`min(${one}, ${other})`;
  }

  greatest(one: Expression<unknown>, other: Expression<unknown>): Expression<number> {
    return sql<number>`max(${one}, ${other})`;
  }

  async migrate(): Promise<void> {
    await this.#whileBusy(() => migrateSqlite(this.#open(), this.#file));
  }

  contains(text: Expression<string | null>, part: Expression<string>): Expression<boolean> {
    return sql<boolean>`instr(errand_fold(${text}), errand_fold(${part})) > 0`;
  }

  read(statement: Bound): Row[] {
    this.#open();
    try {
      return this.#run(statement, this.#clock());
    } catch (error) {
      throw sqliteError(error, this.#file);
    }
  }

  async write(statements: readonly Bound[]): Promise<(Row[] | Error)[]> {
    return this.#whileBusy(() => {
      const db = this.#open();
      const now = this.#clock();
      db.exec("BEGIN IMMEDIATE");
      try {
        const results = statements.map((statement) => this.#runAlone(db, statement, now));
        db.exec("COMMIT");
        return results;
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  join(transaction: unknown): Promise<JoinedTransaction> {
    return joinSqlite({ file: this.#file, clock: this.#clock, sees: (runId) => this.#sees(runId), unlocked: () => this.#unlocked() }, transaction);
  }

  #sees(runId: string): boolean {
    return this.read({ sql: "SELECT 1 FROM errand_runs WHERE id = ?", parameters: [runId] }).length > 0;
  }

  #unlocked(): boolean {
    try {
      const db = this.#open();
      db.exec("BEGIN IMMEDIATE");
      db.exec("ROLLBACK");
      return true;
    } catch (cause) {
      const error = sqliteError(cause, this.#file);
      if (error instanceof StoreError && error.failure === "busy") return false;
      throw error;
    }
  }

  watch(onChange: () => void): () => void {
    this.#watch ??= new SqliteWatch(this.#open(), this.#file === ":memory:" ? null : this.#file);
    return this.#watch.add(onChange);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watch?.stop();
    this.#prepared.clear();
    this.#positional.clear();
    this.#db?.close();
    this.#db = undefined;
  }

  #open(): DatabaseSync {
    if (this.#db) return this.#db;
    if (this.#closed) throw new StoreError("closed", `The database ${this.#file} was closed. Use it before errand.close().`);
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(this.#file, { timeout: BUSY_MS });
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
      db.exec(`PRAGMA busy_timeout = ${BLOCKING_MS}`);
      // SQLite's own lower() knows ASCII only.
      db.function("errand_fold", { deterministic: true }, (text) => (typeof text === "string" ? text.toLowerCase() : text));
    } catch (error) {
      db?.close();
      throw sqliteError(error, this.#file);
    }
    this.#db = db;
    return db;
  }

  /** One statement of a group. SQLite undoes a statement that fails by itself; only a failure that ended the transaction fails the group. */
  #runAlone(db: DatabaseSync, statement: Bound, now: number): Row[] | Error {
    try {
      return statement.follow ? this.#runWithFollow(db, statement, statement.follow, now) : this.#run(statement, now);
    } catch (error) {
      if (!db.isTransaction || !isItsOwn(error)) throw error;
      return sqliteError(error, this.#file);
    }
  }

  #runWithFollow(db: DatabaseSync, statement: Bound, follow: Bound, now: number): Row[] {
    db.exec("SAVEPOINT both");
    try {
      const rows = this.#run(statement, now);
      if (rows.length === 0) return rows;
      for (let next: Bound | undefined = follow; next; next = next.follow) {
        if (this.#run(next, now).length > 0 || !next.required) continue;
        db.exec("ROLLBACK TO both");
        return [];
      }
      return rows;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK TO both");
      throw error;
    } finally {
      if (db.isTransaction) db.exec("RELEASE both");
    }
  }

  #run({ sql: text, parameters, positional = false }: Bound, now: number): Row[] {
    const prepared = positional ? this.#positional : this.#prepared;
    let statement = prepared.get(text);
    if (!statement) {
      statement = (this.#db as DatabaseSync).prepare(text);
      statement.setReturnArrays(positional);
      prepared.set(text, statement);
    }
    return statement.all(...parameters.map((value) => (value === CLOCK ? now : value) as SQLInputValue)) as Row[];
  }

  /** Tries again while another process holds the write lock, leaving the event loop to others in between. */
  async #whileBusy<T>(attempt: () => T): Promise<T> {
    const deadline = performance.now() + BUSY_MS;
    for (;;) {
      try {
        return attempt();
      } catch (cause) {
        const error = sqliteError(cause, this.#file);
        if (!(error instanceof StoreError && error.failure === "busy") || performance.now() > deadline) throw error;
        await new Promise((done) => setTimeout(done, 1 + Math.random() * 4));
      }
    }
  }
}

/** Constraint, too big, mismatch, or a value that could not be bound: the statement's own fault, not the database's. */
function isItsOwn(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined || [18, 19, 20].includes(code & 0xff);
}
