import { sql as drizzleSql } from "drizzle-orm";
import { drizzle as drizzleOnPg } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOnPostgresJs } from "drizzle-orm/postgres-js";
import knex from "knex";
import { CamelCasePlugin, CompiledQuery, Kysely, ParseJSONResultsPlugin, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import type { AppClient } from "./app-client.ts";
import { prismaClient } from "./prisma-client.ts";

export const postgresClients: Readonly<Record<string, (url: string) => AppClient>> = {
  "pg, a client of a pool"(url) {
    const pool = new pg.Pool({ connectionString: url });
    return {
      outside: pool,
      async transaction(work) {
        const client = await pool.connect();
        try {
          await begin(client, work);
        } finally {
          client.release();
        }
      },
      close: () => pool.end(),
    };
  },

  "pg, a client alone"(url) {
    const client = new pg.Client({ connectionString: url });
    const connected = client.connect();
    return {
      outside: client,
      async transaction(work) {
        await connected;
        await begin(client, work);
      },
      close: async () => {
        await connected;
        await client.end();
      },
    };
  },

  Kysely(url) {
    // Plugins that change what comes back change nothing of ours.
    const db = new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
      plugins: [new CamelCasePlugin(), new ParseJSONResultsPlugin()],
    });
    return {
      outside: db,
      transaction: (work) =>
        db.transaction().execute((transaction) => work({ transaction, run: async (sql) => void (await transaction.executeQuery(CompiledQuery.raw(sql))) })),
      close: () => db.destroy(),
    };
  },

  "Drizzle on node-postgres"(url) {
    const pool = new pg.Pool({ connectionString: url });
    const db = drizzleOnPg(pool);
    return {
      outside: db,
      transaction: (work) => db.transaction((transaction) => work({ transaction, run: async (sql) => void (await transaction.execute(drizzleSql.raw(sql))) })),
      close: () => pool.end(),
    };
  },

  "Drizzle on postgres.js"(url) {
    const client = postgres(url, { max: 3 });
    const db = drizzleOnPostgresJs(client);
    return {
      outside: db,
      transaction: (work) => db.transaction((transaction) => work({ transaction, run: async (sql) => void (await transaction.execute(drizzleSql.raw(sql))) })),
      close: () => client.end(),
    };
  },

  Prisma(url) {
    const db = prismaClient(url);
    return {
      outside: db,
      transaction: (work) => db.$transaction((transaction) => work({ transaction, run: async (sql) => void (await transaction.$executeRawUnsafe(sql)) })),
      close: () => db.$disconnect(),
    };
  },

  Knex(url) {
    const db = knex({ client: "pg", connection: url });
    return {
      outside: db,
      transaction: (work) => db.transaction((transaction) => work({ transaction, run: async (sql) => void (await transaction.raw(sql)) })),
      close: () => db.destroy(),
    };
  },

  "postgres.js"(url) {
    const client = postgres(url, { max: 3, transform: postgres.camel });
    return {
      outside: client,
      async transaction(work) {
        await client.begin((transaction) => work({ transaction, run: async (sql) => void (await transaction.unsafe(sql)) }));
      },
      close: () => client.end(),
    };
  },
};

async function begin(client: pg.ClientBase, work: Parameters<AppClient["transaction"]>[0]): Promise<void> {
  await client.query("BEGIN");
  try {
    await work({ transaction: client, run: async (sql) => void (await client.query(sql)) });
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
