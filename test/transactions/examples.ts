// The examples of docs/transactions.md, so that they are checked against the types of the real libraries. A test holds the two together.
import { DatabaseSync } from "node:sqlite";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgTable, text } from "drizzle-orm/pg-core";
import type { Knex } from "knex";
import type { Generated, Kysely } from "kysely";
import type pg from "pg";
import type postgres from "postgres";
import type { Task } from "../../src/index.ts";
import type { PrismaTransactionClient } from "./prisma-client.ts";

const orders = pgTable("orders", { code: text("code").primaryKey() });

interface Tables {
  orders: { id: Generated<number>; code: string };
}

/** As Prisma generates it for a model `Order`. */
interface PrismaWithOrders {
  $transaction<R>(
    work: (transaction: PrismaTransactionClient & { order: { create(options: { data: { code: string } }): Promise<unknown> } }) => Promise<R>,
  ): Promise<R>;
}

type SendTickets = Task<{ code: string } | { orderId: number }, void>;

export async function withKysely(db: Kysely<Tables>, sendTickets: SendTickets, code: string, owner: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { id } = await transaction.insertInto("orders").values({ code }).returning("id").executeTakeFirstOrThrow();
    await sendTickets.delay({ orderId: id }, { owner, transaction });
  });
}

export async function withPg(client: pg.PoolClient, sendTickets: SendTickets, code: string): Promise<void> {
  await client.query("BEGIN");
  await client.query("INSERT INTO orders (code) VALUES ($1)", [code]);
  await sendTickets.delay({ code }, { transaction: client });
  await client.query("COMMIT");
}

export async function withDrizzle(pool: pg.Pool, sendTickets: SendTickets, code: string): Promise<void> {
  const db = drizzle(pool);
  await db.transaction(async (transaction) => {
    await transaction.insert(orders).values({ code });
    await sendTickets.delay({ code }, { transaction });
  });
}

export async function withPrisma(prisma: PrismaWithOrders, sendTickets: SendTickets, code: string): Promise<void> {
  await prisma.$transaction(async (transaction) => {
    await transaction.order.create({ data: { code } });
    await sendTickets.delay({ code }, { transaction });
  });
}

export async function withKnex(knex: Knex, sendTickets: SendTickets, code: string): Promise<void> {
  await knex.transaction(async (transaction) => {
    await transaction("orders").insert({ code });
    await sendTickets.delay({ code }, { transaction });
  });
}

export async function withPostgresJs(sql: postgres.Sql, sendTickets: SendTickets, code: string): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`INSERT INTO orders (code) VALUES (${code})`;
    await sendTickets.delay({ code }, { transaction });
  });
}

export async function withSqlite(file: string, sendTickets: SendTickets, code: string): Promise<void> {
  const handle = new DatabaseSync(file);
  handle.exec("BEGIN IMMEDIATE");
  handle.prepare("INSERT INTO orders (code) VALUES (?)").run(code);
  await sendTickets.delay({ code }, { transaction: handle });
  handle.exec("COMMIT");
  handle.close();
}
