import { ConfigurationError } from "../../core/errors.ts";
import type { TransactionExecutor } from "../../core/transaction.ts";
import { describeValue } from "./describe-value.ts";

/** How the statements that it is given mark their parameters: $1, or ?. */
export type Family = "postgres" | "sqlite";

/** A caller's client, and how to run a statement through it. */
export interface Client extends TransactionExecutor {
  /** What it is, in words. */
  readonly what: string;
}

type Rows = readonly Record<string, unknown>[];
type Method = (...values: unknown[]) => unknown;
type Members = Readonly<Record<string, unknown>>;
type Recognize = (given: Members, family: Family) => Client | undefined;

/** In this order: some have, among others, the members that another one is known by. */
const kinds: readonly Recognize[] = [sqliteHandle, kysely, prisma, drizzle, knex, postgresJs, pg];

/** The client of a transaction that an app hands in. @throws ConfigurationError when it is of none of the kinds that are known */
export function clientOf(transaction: unknown, family: Family, expected: string): Client {
  if ((typeof transaction === "object" && transaction !== null) || typeof transaction === "function")
    for (const recognize of kinds) {
      const client = recognize(transaction as unknown as Members, family);
      if (client) return client;
    }
  throw new ConfigurationError(`\`transaction\` is ${describeValue(transaction)}, which is no transaction that is known here. ${expected}`);
}

function sqliteHandle(given: Members, family: Family): Client | undefined {
  if (!isMethod(given.prepare) || !isMethod(given.exec) || family !== "sqlite") return undefined;
  return client("a handle of SQLite", async (text, values) => {
    const statement = call(given, "prepare", text) as Members;
    return call(statement, "all", ...values) as Rows;
  });
}

function kysely(given: Members): Client | undefined {
  if (!isMethod(given.executeQuery)) return undefined;
  if (given.isTransaction !== true)
    throw new ConfigurationError("`transaction` is a Kysely instance that is no transaction. Pass the `trx` of db.transaction().execute(async (trx) => …).");
  return client("a client of Kysely", async (sql, parameters) => {
    const query = { kind: "RawNode", sqlFragments: [sql], parameters: [] };
    const result = (await call(given, "executeQuery", { sql, parameters, query, queryId: { queryId: "errand" } })) as { rows: Rows };
    return result.rows;
  });
}

function prisma(given: Members): Client | undefined {
  if (!isMethod(given.$queryRawUnsafe)) return undefined;
  return client("a client of Prisma", async (text, values) => (await call(given, "$queryRawUnsafe", text, ...values)) as Rows);
}

function drizzle(given: Members, family: Family): Client | undefined {
  const session = ((given._ as Members | undefined)?.session ?? given.session) as Members | undefined;
  if (!session || !isMethod(session.prepareQuery)) return undefined;
  if (family === "sqlite")
    throw new ConfigurationError(
      "`transaction` is of Drizzle, whose SQLite transactions are over before a run can be stored. Pass its handle, `db.$client`, after BEGIN IMMEDIATE.",
    );
  return client("a client of Drizzle", async (sql, params) => {
    const prepared = call(session, "prepareQuery", { sql, params }, undefined, undefined, false) as Members;
    const result = (await call(prepared, "execute")) as Rows | { rows: Rows };
    return "rows" in result ? result.rows : result;
  });
}

function knex(given: Members, family: Family): Client | undefined {
  if (!isMethod(given.raw)) return undefined;
  if (!isMethod(given.isCompleted))
    throw new ConfigurationError("`transaction` is a Knex instance that is no transaction. Pass the `trx` of knex.transaction(async (trx) => …).");
  return client("a client of Knex", async (text, values) => {
    const { sql, bindings } = family === "postgres" ? questionMarks(text, values) : { sql: text, bindings: values };
    const result = (await call(given, "raw", sql, bindings)) as Rows | { rows: Rows };
    return "rows" in result ? result.rows : result;
  });
}

function postgresJs(given: Members): Client | undefined {
  if (!isMethod(given.unsafe)) return undefined;
  return client("a client of postgres.js", async (text, values) => (await call(given, "unsafe", text, values)) as Rows);
}

function pg(given: Members): Client | undefined {
  if (!isMethod(given.query)) return undefined;
  if ("totalCount" in given)
    throw new ConfigurationError("`transaction` is a Pool of pg, which has no transaction of its own. Pass the client of pool.connect(), after BEGIN.");
  return client("a client of pg", async (text, values) => ((await call(given, "query", text, values)) as { rows: Rows }).rows);
}

/** Every value as text: what a type of JavaScript becomes differs from client to client, the type that a cast names does not. */
function client(what: string, run: (text: string, values: unknown[]) => Promise<Rows>): Client {
  return { what, query: async (text, values) => ({ rows: await run(text, values.map(asText)) }) };
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Knex writes each parameter as a question mark, and one that is none behind a backslash. */
function questionMarks(text: string, values: readonly unknown[]): { sql: string; bindings: unknown[] } {
  const bindings: unknown[] = [];
  const sql = text.replace(/\$(\d+)|\?/g, (mark, number?: string) => {
    if (number === undefined) return `\\${mark}`;
    bindings.push(values[Number(number) - 1]);
    return "?";
  });
  return { sql, bindings };
}

function isMethod(member: unknown): member is Method {
  return typeof member === "function";
}

function call(of: Members, name: string, ...values: unknown[]): unknown {
  return (of[name] as Method).apply(of, values);
}
