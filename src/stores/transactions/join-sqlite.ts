import { realpathSync } from "node:fs";
import { ConfigurationError, StoreError } from "../../core/errors.ts";
import type { JoinedTransaction } from "../../core/transaction.ts";
import { type Client, clientOf } from "./client-of.ts";
import { insertParameter, insertText, returnedRuns } from "./insert-rows.ts";

/** What an SQLite store tells of itself, so that another connection can write in it. */
export interface SqliteHome {
  /** Path of the file, or ":memory:". */
  readonly file: string;
  /** The store's clock, ms since 1970. */
  readonly clock: () => number;
  /** Whether the run's row can be seen from a connection of the store's own. */
  readonly sees: (runId: string) => boolean;
  /** Whether nobody holds the file's write lock just now. */
  readonly unlocked: () => boolean;
}

const EXPECTED = "The store is SQLite: pass a handle of better-sqlite3 or node:sqlite, or a transaction of Kysely or Knex, that has the store's file open.";

/** What was inserted last through a handle. */
const lastIn = new WeakMap<object, { readonly key: unknown; readonly witness: string }>();

/** See `Store.join`. @throws ConfigurationError when it is no transaction, or not on the store's file */
export async function joinSqlite(home: SqliteHome, transaction: unknown): Promise<JoinedTransaction> {
  const client = clientOf(transaction, "sqlite", EXPECTED);
  const handle = transaction as { inTransaction?: unknown; isTransaction?: unknown; isCompleted?: () => boolean };
  if (handle.inTransaction === false || handle.isTransaction === false || handle.isCompleted?.())
    throw new ConfigurationError(
      `\`transaction\` is ${client.what} that is in no transaction: what it runs is committed at once. Begin one first (BEGIN IMMEDIATE), or leave the option away.`,
    );
  const file = await fileOf(client);
  if (home.file === ":memory:" || !isSame(file, home.file))
    throw new ConfigurationError(
      `\`transaction\` is ${client.what} on ${name(file)}, but runs are kept in ${name(home.file)}, so the two cannot stand or fall together. Give createErrand the app's own file as \`database\`, or leave the option away.`,
    );
  const text = insertText({
    table: "main.errand_runs",
    now: String(home.clock()),
    value: (column) => `json_extract(given.value, '$.${column}')`,
    source: "json_each(?) AS given",
    list: (expressions) => `json_array(${expressions})`,
  });
  const before = lastIn.get(transaction as object);
  // What was not seen is of this transaction, or of one before that was rolled back: it does no harm to ask after both together.
  const key = before && !home.sees(before.witness) ? before.key : {};
  return {
    key,
    async insert(runs) {
      try {
        const { rows } = await client.query(text, [insertParameter(runs)]);
        lastIn.set(transaction as object, { key, witness: runs[0]?.id ?? "" });
        return returnedRuns(runs, rows);
      } catch (cause) {
        throw busy(cause) ? lockedError(home.file, cause) : cause;
      }
    },
    // There is one writer at a time: whoever inserted the run holds the lock until the end.
    ended: async (witness) => home.sees(witness) || home.unlocked(),
  };
}

async function fileOf(client: Client): Promise<string> {
  try {
    const { rows } = await client.query("SELECT file FROM pragma_database_list WHERE name = 'main'", []);
    return String(rows[0]?.file ?? "");
  } catch (cause) {
    throw new ConfigurationError(`\`transaction\` is ${client.what} that could not be asked which file it has open. ${EXPECTED}`, { cause });
  }
}

function isSame(one: string, other: string): boolean {
  try {
    return one !== "" && realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function busy(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: number };
  return (errcode !== undefined && (errcode & 0xff) === 5) || (typeof code === "string" && code.startsWith("SQLITE_BUSY"));
}

function lockedError(file: string, cause: unknown): StoreError {
  return new StoreError(
    "busy",
    `The database ${file} was written by somebody else since the transaction began, so it cannot write any more. Roll back and try again; BEGIN IMMEDIATE takes the lock at once.`,
    {
      cause,
    },
  );
}

function name(file: string): string {
  return file === "" || file === ":memory:" ? "a database in memory" : JSON.stringify(file);
}
