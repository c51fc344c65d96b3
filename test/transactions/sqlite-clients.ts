import { DatabaseSync } from "node:sqlite";
import SqliteDatabase from "better-sqlite3";
import knex from "knex";
import { CompiledQuery, Kysely, SqliteDialect } from "kysely";
import type { AppClient } from "./app-client.ts";

export const sqliteClients: Readonly<Record<string, (file: string) => AppClient>> = {
  "better-sqlite3": (file) => overHandle(new SqliteDatabase(file)),
  "node:sqlite": (file) => overHandle(new DatabaseSync(file)),

  Kysely(file) {
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: async () => new SqliteDatabase(file) }) });
    return {
      outside: db,
      transaction: (work) =>
        db.transaction().execute((transaction) => work({ transaction, run: async (sql) => void (await transaction.executeQuery(CompiledQuery.raw(sql))) })),
      close: () => db.destroy(),
    };
  },

  Knex(file) {
    const db = knex({ client: "better-sqlite3", connection: { filename: file }, useNullAsDefault: true });
    return {
      outside: db,
      transaction: (work) => db.transaction((transaction) => work({ transaction, run: async (sql) => void (await transaction.raw(sql)) })),
      close: () => db.destroy(),
    };
  },
};

function overHandle(handle: SqliteDatabase.Database | DatabaseSync): AppClient {
  return {
    outside: handle,
    async transaction(work) {
      handle.exec("BEGIN IMMEDIATE");
      try {
        await work({ transaction: handle, run: async (sql) => void handle.exec(sql) });
        handle.exec("COMMIT");
      } catch (error) {
        handle.exec("ROLLBACK");
        throw error;
      }
    },
    close: async () => void handle.close(),
  };
}
