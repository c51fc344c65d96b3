import { ConfigurationError } from "../../core/errors.ts";
import type { NewRun, Run } from "../../core/run.ts";
import type { JoinedTransaction } from "../../core/transaction.ts";
import { type Client, clientOf } from "./client-of.ts";
import { givenColumns, insertParameter, insertText, returnedRuns, timeColumns } from "./insert-rows.ts";

type Rows = readonly Record<string, unknown>[];

/** What a PostgreSQL store tells of itself, so that another connection can write in it. */
export interface PostgresHome {
  /** The schema of its tables, unquoted. */
  readonly schema: string;
  /** The store's clock, ms, as an expression. */
  readonly now: string;
  /** A statement on a connection of the store's own, whose rows come as objects. */
  readonly read: (text: string, values: readonly unknown[]) => Promise<Rows>;
  /** What tells every process that listens, this one too, of runs that were inserted; it is sent with the commit. */
  readonly notification: (ids: readonly string[]) => { readonly channel: string; readonly payload: string };
}

const EXPECTED =
  "The store is PostgreSQL: pass a client of pg after BEGIN, or the transaction that Kysely, Drizzle, Prisma, Knex or postgres.js hands to its callback, on the same database.";

/** Two connections with the same answer are on one database: no other server has started at the very same microsecond. */
const WHERE_IT_IS = "current_database() || ' ' || extract(epoch from pg_postmaster_start_time())::text";
/** In a transaction, time stands still from its BEGIN on. */
const LOOK = `SELECT pg_current_xact_id()::text AS xact, ${WHERE_IT_IS} AS place, (transaction_timestamp() = statement_timestamp())::text AS alone`;

/** Where stores have found themselves to be; a restart of the server changes it. */
const places = new WeakMap<PostgresHome, string>();

const numbers: readonly string[] = ["priority", "total_steps", "planned_steps", "max_attempts", "timeout", "position", "weight", "blocked", ...timeColumns];

/** See `Store.join`. @throws ConfigurationError when it is no transaction, or not on the store's database */
export async function joinPostgres(home: PostgresHome, transaction: unknown): Promise<JoinedTransaction> {
  const client = clientOf(transaction, "postgres", EXPECTED);
  const { xact, place, alone } = await look(client);
  if (alone === "true" && (await inNone(client)))
    throw new ConfigurationError(
      `\`transaction\` is ${client.what} that is in no transaction: what it runs is committed at once. Begin one first, or leave the option away.`,
    );
  const own = places.get(home) === place ? place : await ownPlace(home);
  if (own !== place)
    throw new ConfigurationError(
      `\`transaction\` is ${client.what} on the database ${quoted(place)}, but runs are kept in ${quoted(own)}, so the two cannot stand or fall together. Pass a transaction on the same database of the same server, or leave the option away.`,
    );
  const text = insertIn(home);
  return {
    key: xact,
    executor: client,
    insert: (runs) => insert(home, client, text, runs),
    async ended() {
      const [row] = await home.read("SELECT pg_xact_status($1::text::xid8) AS status", [xact]);
      return row?.status !== "in progress"; // Null, once it is so long ago that nobody remembers.
    },
  };
}

async function ownPlace(home: PostgresHome): Promise<string> {
  const [row] = await home.read(`SELECT ${WHERE_IT_IS} AS place`, []);
  places.set(home, String(row?.place));
  return String(row?.place);
}

async function look(client: Client): Promise<{ xact: string; place: string; alone: string }> {
  try {
    return (await client.query(LOOK, [])).rows[0] as { xact: string; place: string; alone: string };
  } catch (cause) {
    // What PostgreSQL itself has to say (the transaction is aborted, the connection is gone) is the caller's to hear as it is.
    if (/^[0-9A-Z]{5}$/.test(codeOf(cause)) && codeOf(cause) !== "42601") throw cause;
    throw new ConfigurationError(`\`transaction\` is ${client.what} that does not speak PostgreSQL. ${EXPECTED}`, { cause });
  }
}

/** Outside of a transaction the number that the look has asked for is gone with it. */
async function inNone(client: Client): Promise<boolean> {
  const { rows } = await client.query("SELECT pg_current_xact_id_if_assigned()::text AS xact", []);
  return rows[0]?.xact === null;
}

async function insert(home: PostgresHome, client: Client, text: string, runs: readonly NewRun[]): Promise<Run[]> {
  const { channel, payload } = home.notification(runs.map(({ id }) => id));
  try {
    const { rows } = await client.query(text, [insertParameter(runs, withoutNul), channel, payload]);
    return returnedRuns(runs, rows);
  } catch (cause) {
    if (codeOf(cause) !== "42501") throw cause;
    throw new ConfigurationError(
      `The role of \`transaction\` may not insert runs. Allow it: GRANT USAGE ON SCHEMA ${identifier(home.schema)}, and SELECT and INSERT ON ${tableOf(home)}, to that role.`,
      { cause },
    );
  }
}

/** PostgreSQL has no place for it. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}

function insertIn(home: PostgresHome): string {
  const columns = [...givenColumns, ...timeColumns].map((column) => `${column} ${numbers.includes(column) ? "bigint" : "text"}`);
  return insertText({
    table: tableOf(home),
    now: home.now,
    value: (column) => `given.${column}`,
    source: `json_to_recordset($1::text::json) AS given(${columns.join(", ")})`,
    list: (expressions) => `json_build_array(${expressions})::text`,
    also: "pg_notify($2::text, $3::text)::text AS told", // Those of one transaction that are alike are sent once.
  });
}

/** SQLSTATE, wherever the client keeps it: some wrap what the server said. */
function codeOf(error: unknown): string {
  for (let each = error as { code?: unknown; cause?: unknown; meta?: { code?: unknown } } | undefined; each; each = each.cause as typeof each) {
    if (typeof each.meta?.code === "string") return each.meta.code;
    if (typeof each.code === "string") return each.code;
  }
  return "";
}

function tableOf({ schema }: PostgresHome): string {
  return `${identifier(schema)}.errand_runs`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoted(place: string): string {
  return JSON.stringify(place.slice(0, place.lastIndexOf(" ")));
}
