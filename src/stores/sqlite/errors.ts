import { StoreError, type StoreFailure } from "../../core/errors.ts";

const failures: Readonly<Record<number, readonly [StoreFailure, (file: string) => string]>> = {
  5: ["busy", (file) => `The database ${file} is locked by another process. The write was not done; try again.`],
  6: ["busy", (file) => `The database ${file} is locked by another connection. The write was not done; try again.`],
  8: ["read_only", (file) => `The database ${file} cannot be written: it, its folder or its disk is read-only. Give this user the right to write there.`],
  10: ["unavailable", (file) => `Reading or writing the database ${file} failed (disk I/O error). Look at the disk and at the system's log.`],
  11: ["not_a_database", (file) => `The database ${file} is damaged. Restore it from a backup.`],
  13: ["full", (file) => `The database ${file} cannot grow: its disk is full. Free some space; nothing that was stored is lost.`],
  14: ["cannot_open", (file) => `The database ${file} cannot be opened. Its folder must exist and be readable and writable for this user.`],
  19: ["conflict", (file) => `The database ${file} already has a row with this key.`],
  26: ["not_a_database", (file) => `The file ${file} is not an SQLite database. Name another file, or move this one away.`],
};

/** The StoreError that says in words what SQLite's error means for this file; other errors come back as they are. */
export function sqliteError(error: unknown, file: string): Error {
  if (error instanceof StoreError) return error;
  const code = (error as { errcode?: number }).errcode;
  const known = code === undefined ? undefined : failures[code & 0xff];
  if (known) return new StoreError(known[0], known[1](file), { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
