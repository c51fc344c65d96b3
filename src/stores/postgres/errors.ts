import { StoreError, type StoreFailure } from "../../core/errors.ts";

type Saying = readonly [StoreFailure, (where: string) => string];

/** By SQLSTATE, the longest beginning first. */
const failures: readonly (readonly [string, Saying])[] = [
  ["53100", ["full", (where) => `PostgreSQL at ${where} cannot grow: its disk is full. Free some space; nothing that was stored is lost.`]],
  ["53300", ["unavailable", (where) => `PostgreSQL at ${where} takes no more connections. Raise its max_connections, or lower \`max\` of the store.`]],
  ["25006", ["read_only", (where) => `PostgreSQL at ${where} is read-only: it is a standby, or was set so. Name the primary server.`]],
  ["55P03", ["busy", (where) => `A row in PostgreSQL at ${where} stayed locked by another transaction. The write was not done; try again.`]],
  [
    "57014",
    [
      "busy",
      (where) => `PostgreSQL at ${where} canceled a statement, as it does when one takes longer than its statement_timeout. Nothing was done; try again.`,
    ],
  ],
  ["40", ["busy", (where) => `Other transactions in PostgreSQL at ${where} stood in the way again and again. The write was not done; try again.`]],
  ["23505", ["conflict", (where) => `PostgreSQL at ${where} already has a row with this key.`]],
  ["3D000", ["cannot_open", (where) => `PostgreSQL has no database ${where}. Create it (CREATE DATABASE), or name another one.`]],
  [
    "28",
    [
      "cannot_open",
      (where) => `PostgreSQL at ${where} did not let this user in. Check the user and the password in the address, and the server's pg_hba.conf.`,
    ],
  ],
  [
    "42501",
    [
      "cannot_open",
      (where) => `The user has no right to do this in PostgreSQL at ${where}. Make the user the owner of Errand's schema; the cause says what was refused.`,
    ],
  ],
  [
    "42P01",
    [
      "cannot_open",
      (where) => `PostgreSQL at ${where} does not have Errand's tables. Run \`errand migrate\`, and check that \`schema\` is the same everywhere.`,
    ],
  ],
  ["57P", ["unavailable", (where) => `PostgreSQL at ${where} ended the connection: it stops or restarts. Try again soon.`]],
  ["53", ["unavailable", (where) => `PostgreSQL at ${where} is short of memory or of another resource. Try again later.`]],
  ["08", ["unavailable", (where) => `The connection to PostgreSQL at ${where} failed. Try again.`]],
];

const unreachable: Saying = [
  "unavailable",
  (where) => `PostgreSQL at ${where} cannot be reached. Check that the server runs, and its host and port; what was stored is not lost.`,
];

/** What Node and `pg` say when there is no connection, or none any more; they have no codes for all of it. */
const brokenCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);
const brokenWords = /connection terminated|connection error|connection ended|client was closed|not queryable|timeout/i;

/** Thrown when no connection could be had: whatever was to be done was not begun. */
export class NotConnected extends Error {
  constructor(cause: unknown) {
    super("No connection could be had.", { cause });
  }
}

/** Whether the connection is gone, and with it the answer to what was asked last. */
export function isBroken(error: unknown): boolean {
  const code = codeOf(error);
  if (isState(code)) return code.startsWith("57P0") || code.startsWith("08") || code === "53300";
  return brokenCodes.has(code) || (error instanceof Error && brokenWords.test(error.message));
}

/** A deadlock, or transactions that cannot be put in an order: all of it was undone, so it may be done again at once. */
export function isUndone(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40P01" || code === "40001";
}

/** The fault of a value or of a row: a constraint, a value out of range, a lock that somebody else holds (for longer than a statement may take, perhaps). Another row may be without it. */
export function isItsOwn(error: unknown): boolean {
  return /^(21|22|23|54|55P03|57014)/.test(codeOf(error)) && isState(codeOf(error));
}

/** The StoreError that says in words what `pg` threw; `where` is host and database, never a password. Other errors come back as they are. */
export function postgresError(thrown: unknown, where: string): Error {
  if (thrown instanceof StoreError) return thrown;
  const error = thrown instanceof NotConnected ? thrown.cause : thrown;
  const code = codeOf(error);
  if (error instanceof Error && error.message.includes("after calling end on the pool"))
    return new StoreError("closed", `The connections to PostgreSQL at ${where} were closed. Use the store before its pool is ended.`, { cause: error });
  const known = isState(code) ? failures.find(([beginning]) => code.startsWith(beginning))?.[1] : undefined;
  const saying = known ?? (thrown instanceof NotConnected || isBroken(error) ? unreachable : undefined);
  if (saying) return new StoreError(saying[0], saying[1](where), { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** Of SQL, not of Node. */
function isState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !brokenCodes.has(code);
}
