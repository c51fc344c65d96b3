import type { AliasedRawBuilder, CompiledQuery, Expression, Kysely, RawBuilder } from "kysely";
import type { StoreAddress, WrittenRun } from "../../core/store.ts";
import type { JoinedTransaction } from "../../core/transaction.ts";
import type { Schema } from "./schema.ts";
import type { Bound, ManyStatement } from "./statements.ts";

/** Values by column; a list of values where the statement is `positional`. */
export type Row = Record<string, unknown>;

/** `given` is the table of the rows' values, to be selected from: a slot in the query stands for its column there. */
export type ManyBuilder = (
  build: (db: Kysely<Schema>, given: AliasedRawBuilder<Record<never, never>, "given">) => { compile(): CompiledQuery },
) => ManyStatement;

/** What differs from one SQL database to the next. */
export interface SqlDriver {
  readonly name: string;
  readonly address?: StoreAddress;
  /** Builds queries in the database's dialect; it is never asked to run one. */
  readonly builder: Kysely<Schema>;
  /** The store's clock inside a query. */
  readonly now: Expression<number>;
  /** The lesser, and the greater, of two numbers inside a query. */
  least(one: Expression<number>, other: Expression<number>): Expression<number>;
  greatest(one: Expression<unknown>, other: Expression<unknown>): Expression<number>;
  /** Whether `part` occurs in `text`, in any case, in every alphabet; nothing in it is a pattern. */
  contains(text: Expression<string | null>, part: Expression<string>): Expression<boolean>;
  /** Behind a query for rows that are to be updated: those that another writer holds are left to it. Nothing, where there is one writer at a time. */
  readonly skipLocked: RawBuilder<unknown>;
  /** Whether writes may stand in the WITH of a statement, and draw on what one another returned. */
  readonly writesInWith?: true;
  /** Builds a write for many rows at once; absent where that is no faster. */
  readonly many?: ManyBuilder;
  migrate(): Promise<void>;
  /** At once where the database can: a poll has little else to wait for. @throws StoreError, or rejects with it */
  read(statement: Bound): Row[] | Promise<Row[]>;
  /**
   * Runs writes as one group: each stands or falls alone, and all that stand are durable together.
   * The rows that each returned, or the error that it alone had. @throws StoreError when the group as a whole failed.
   */
  write(statements: readonly Bound[]): Promise<(Row[] | Error)[]>;
  /** See `Store.join`. */
  join(transaction: unknown): Promise<JoinedTransaction>;
  /** See `Store.watch`. */
  watch(onChange: (written?: readonly WrittenRun[]) => void): () => void;
  close(): Promise<void>;
}
