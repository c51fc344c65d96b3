import type { NewRun, Run } from "./run.ts";

// The clients of a database that an app may use, by as little of their form as tells them apart: none of them is a dependency. A parameter of
// type `never` is one that each library types in its own way.

/** A `Client` or `PoolClient` of `pg` after BEGIN. */
export interface PgTransaction {
  query(text: string, values?: never): PromiseLike<{ rows: unknown[] }>;
}

/** A `Transaction` or `ControlledTransaction` of Kysely. */
export interface KyselyTransaction {
  readonly isTransaction: boolean;
  executeQuery(query: never): PromiseLike<{ rows: unknown[] }>;
}

/** What `db.transaction` of Drizzle hands out, on node-postgres or postgres.js. */
export interface DrizzleTransaction {
  readonly _: { readonly session: object };
  rollback(): never;
}

/** What `prisma.$transaction` hands out. */
export interface PrismaTransaction {
  $queryRawUnsafe(query: string, ...values: never[]): PromiseLike<unknown>;
}

/** A `Transaction` of Knex. */
export interface KnexTransaction {
  raw(sql: never): unknown;
  isCompleted(): boolean;
}

/** What `sql.begin` of postgres.js hands out. */
export interface PostgresJsTransaction {
  unsafe(query: string, values?: never): PromiseLike<unknown>;
  savepoint(work: never): unknown;
}

/** A `Database` of better-sqlite3 on the store's file, after BEGIN. */
export interface BetterSqliteTransaction {
  readonly inTransaction: boolean;
  prepare(sql: string): unknown;
}

/** A `DatabaseSync` of node:sqlite on the store's file, after BEGIN. */
export interface NodeSqliteTransaction {
  readonly isTransaction: boolean;
  prepare(sql: string): unknown;
}

/** The app's own transaction, in which a run can be begun. */
export type Transaction =
  | PgTransaction
  | KyselyTransaction
  | DrizzleTransaction
  | PrismaTransaction
  | KnexTransaction
  | PostgresJsTransaction
  | BetterSqliteTransaction
  | NodeSqliteTransaction;

/**
 * Runs statements within a caller's PostgreSQL transaction, whichever client it is of. Values are sent as text, so a statement casts each of
 * its parameters, and what it returns, to types that every client reads alike (text, integer).
 */
export interface TransactionExecutor {
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

/** A caller's transaction that the store has looked at and can write in. */
export interface JoinedTransaction {
  /** The same for all that is begun in one transaction. */
  readonly key: unknown;
  /** Only of PostgreSQL: what a broker on the same database dispatches through. */
  readonly executor?: TransactionExecutor;
  /** The rows of these runs, all of them or none. Others see them once the transaction is committed. @throws what the caller's client throws */
  insert(runs: readonly NewRun[]): Promise<Run[]>;
  /** Whether the transaction has ended, whichever way; `witness` is a run that was inserted in it. */
  ended(witness: string): Promise<boolean>;
}
