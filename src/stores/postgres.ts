import { randomBytes } from "node:crypto";
import type pg from "pg";
import { ConfigurationError, StoreError } from "../core/errors.ts";
import type { State } from "../core/states.ts";
import type { Store, StoreAddress, WrittenRun } from "../core/store.ts";
import type { JoinedTransaction } from "../core/transaction.ts";
import { builder, contains, greatest, least, NOW, now, skipLocked } from "./postgres/dialect.ts";
import { postgresError } from "./postgres/errors.ts";
import { manyRows } from "./postgres/many-rows.ts";
import { migratePostgres } from "./postgres/migrate.ts";
import { PostgresNotifier } from "./postgres/notifier.ts";
import { toPayloads } from "./postgres/payload.ts";
import { type PgPoolLike, PostgresPool, plain } from "./postgres/pool.ts";
import { again } from "./postgres/retry.ts";
import { SchemaNames } from "./postgres/schema-names.ts";
import { PostgresWatch } from "./postgres/watch.ts";
import { PostgresWriter } from "./postgres/writer.ts";
import type { Row, SqlDriver } from "./sql/driver.ts";
import { runColumns } from "./sql/rows.ts";
import type { Bound } from "./sql/statements.ts";
import { SqlStore } from "./sql/store.ts";
import { joinPostgres, type PostgresHome } from "./transactions/join-postgres.ts";

export interface PostgresOptions {
  /** "postgres://user:password@host/database". Left out, `pg` takes PGHOST and its like. */
  readonly url?: string;
  /** A Pool of `pg` of the app's, instead: its connections are used as they are, and it is the app's to end. */
  readonly pool?: PgPoolLike;
  /** The schema that Errand's tables are kept in, made by `migrate()`. */
  readonly schema?: string;
  /** Most connections at a time, without the one that listens; 10 by default. */
  readonly max?: number;
  /** False where connections are shared between transactions (pgbouncer): no statement is kept prepared. */
  readonly prepare?: boolean;
  /** Whether to hear of other processes' writes by NOTIFY; an address to listen at, past a pgbouncer. False: they are looked for every 1.5 s. */
  readonly listen?: boolean | string;
}

/**
 * Runs in PostgreSQL 14 or later, in a schema of their own, for any number of processes and machines. It needs `pg` to be installed.
 *
 * @throws ConfigurationError when an option cannot be. StoreError from the first use, when the server cannot be reached or lets nobody in.
 */
export function postgres(options: PostgresOptions | PgPoolLike | string = {}): Store {
  if (typeof options === "string") return new SqlStore(new PostgresDriver({ url: options }));
  return new SqlStore(new PostgresDriver("connect" in options ? { pool: options } : options));
}

/** Opens the same database again, in another thread; see `StoreAddress`. */
export function open(options: unknown): Store {
  return postgres(options as PostgresOptions);
}

class PostgresDriver implements SqlDriver {
  readonly name = "postgres";
  readonly address?: StoreAddress;
  readonly builder = builder;
  readonly now = now;
  readonly least = least;
  readonly greatest = greatest;
  readonly contains = contains;
  readonly skipLocked = skipLocked;
  readonly writesInWith = true;
  readonly many = manyRows;
  readonly #schema: string;
  readonly #where: string;
  readonly #pool: PostgresPool;
  readonly #writer: PostgresWriter;
  readonly #notifier: PostgresNotifier;
  readonly #watch: PostgresWatch;
  readonly #home: PostgresHome;
  #closed: Promise<void> | undefined;

  constructor({ url, pool, schema = "errand", max = 10, prepare = true, listen = true }: PostgresOptions) {
    if (schema === "" || schema.length > 40) throw new ConfigurationError(`\`schema\` must have 1 to 40 characters, not ${JSON.stringify(schema)}.`);
    if (!Number.isInteger(max) || max < 1) throw new ConfigurationError(`\`max\` must be a number of connections, at least 1, not ${max}.`);
    const handle = randomBytes(6).toString("base64url");
    const channel = `errand_${schema}`;
    this.#schema = schema;
    this.#where = pool ? "the app's pool" : describe(url);
    this.#pool = new PostgresPool({ url, pool, max, prepare, names: new SchemaNames(schema) });
    this.#writer = new PostgresWriter(this.#pool, this.#where);
    this.#notifier = new PostgresNotifier(handle, (payloads) =>
      this.#pool.query(plain("SELECT pg_notify($1, said) FROM unnest($2::text[]) AS said", [channel, payloads])),
    );
    this.#watch = new PostgresWatch(listening(listen, url, pool), channel, handle);
    this.#home = {
      schema,
      now: NOW,
      read: (text, values) => this.#read(plain(text, values)),
      notification: (ids) => ({ channel, payload: joinedPayload(ids) }),
    };
    if (!pool) this.address = { module: import.meta.url, options: { url, schema, max: 2, prepare, listen: false } };
  }

  async migrate(): Promise<void> {
    await this.#while(() => migratePostgres(this.#pool, this.#schema, this.#where));
  }

  read(statement: Bound): Promise<Row[]> {
    return this.#read(statement);
  }

  #read(statement: Bound): Promise<Row[]> {
    return this.#while(() => this.#pool.query(statement));
  }

  /** What changes nothing, or may be repeated: when its connection broke, it is tried again. */
  async #while<T>(attempt: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    try {
      return await again(attempt);
    } catch (error) {
      throw postgresError(error, this.#where);
    }
  }

  async write(statements: readonly Bound[]): Promise<(Row[] | Error)[]> {
    this.#assertOpen();
    const results = await this.#writer.write(statements);
    const written = tellable(statements, results);
    if (written !== null) this.#notifier.note(written);
    return results;
  }

  join(transaction: unknown): Promise<JoinedTransaction> {
    return joinPostgres(this.#home, transaction);
  }

  watch(onChange: (written?: readonly WrittenRun[]) => void): () => void {
    this.#assertOpen();
    return this.#watch.add(onChange);
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    await this.#notifier.flush();
    await this.#watch.stop();
    await this.#pool.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError("closed", `The store in PostgreSQL at ${this.#where} was closed. Use it before errand.close().`);
  }
}

const AT = { id: runColumns.indexOf("id"), state: runColumns.indexOf("state") };

/** The runs that were written; undefined when it was more than runs, null when there is nothing to tell. */
function tellable(statements: readonly Bound[], results: readonly (Row[] | Error)[]): WrittenRun[] | undefined | null {
  const written: WrittenRun[] = [];
  for (const [index, { tells }] of statements.entries()) {
    const rows = results[index];
    if (tells === undefined || rows === undefined || rows instanceof Error || rows.length === 0) continue;
    if (tells === "anything") return undefined;
    const values = rows[0] as unknown as unknown[];
    written.push({ id: values[AT.id] as string, state: tells === "pending" ? "pending" : (values[AT.state] as State) });
  }
  return written.length > 0 ? written : null;
}

/** Of runs inserted in the app's transaction: said to every handle, this one too. */
function joinedPayload(ids: readonly string[]): string {
  const payloads = toPayloads(
    "-",
    ids.map((id) => ({ id, state: "pending" })),
  );
  return payloads.length === 1 ? (payloads[0] as string) : "-";
}

/** How to reach the notifications: at an address of their own, at the store's, or where the app's pool connects to. */
function listening(listen: boolean | string, url: string | undefined, pool: PgPoolLike | undefined): pg.ClientConfig | null {
  if (listen === false) return null;
  const own = { application_name: "errand listen", keepAlive: true, connectionTimeoutMillis: 5000 };
  if (typeof listen === "string") return { connectionString: listen, ...own };
  if (!pool) return { ...(url !== undefined && { connectionString: url }), ...own };
  const { options } = pool as { options?: pg.ClientConfig };
  return options ? { ...options, ...own } : null;
}

/** Host and database for messages: never a user's name or password. */
function describe(url: string | undefined): string {
  if (url === undefined) return "the server of the environment (PGHOST)";
  if (!URL.canParse(url)) throw new ConfigurationError('The address of the PostgreSQL database must be like "postgres://user:password@host:5432/database".');
  const { host, pathname } = new URL(url);
  return `${host || "localhost"}${pathname}`;
}
