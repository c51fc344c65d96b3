import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe } from "vitest";
import { freshDatabase } from "../support/temp.ts";
import { type AppDatabase, testTransactions } from "./contract.ts";
import { sqliteClients } from "./sqlite-clients.ts";

for (const [name, connect] of Object.entries(sqliteClients))
  describe(name, () => {
    let database: AppDatabase;
    beforeAll(() => {
      const file = freshDatabase();
      using db = new DatabaseSync(file);
      db.exec("PRAGMA journal_mode = WAL; CREATE TABLE orders (code TEXT NOT NULL PRIMARY KEY)");
      database = { url: `file:${file}`, connect: () => connect(file), orders: async () => ordersIn(file) };
    });
    testTransactions(() => database);
  });

function ordersIn(file: string): string[] {
  using db = new DatabaseSync(file, { readOnly: true });
  return db
    .prepare("SELECT code FROM orders")
    .all()
    .map(({ code }) => String(code));
}
