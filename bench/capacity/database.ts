import { randomUUID } from "node:crypto";
import { postgres } from "errand/stores/postgres";
import pg from "pg";

const SERVER = process.env.DATABASE_URL || "postgres://postgres@127.0.0.1:5432/postgres";

/** A fresh PostgreSQL database with Errand's schema in it, gone when the block is left. */
export class Database implements AsyncDisposable {
  readonly url: string;
  /** For what the measurement itself asks. */
  readonly client: pg.Client;
  readonly #name: string;

  private constructor(name: string) {
    const url = new URL(SERVER);
    url.pathname = `/${name}`;
    this.#name = name;
    this.url = url.href;
    this.client = new pg.Client({ connectionString: this.url });
  }

  static async make(): Promise<Database> {
    const database = new Database(`errand_capacity_${randomUUID().slice(0, 8)}`);
    await atServer(`CREATE DATABASE ${database.#name}`);
    await database.client.connect();
    const store = postgres(database.url);
    await store.migrate();
    await store.close();
    await database.client.query("SET search_path TO errand");
    return database;
  }

  /** The first column of the first row. */
  async value<T>(text: string, values: unknown[] = []): Promise<T> {
    const { rows } = await this.client.query({ text, values, rowMode: "array" });
    return rows[0]?.[0] as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
    await atServer(`DROP DATABASE ${this.#name} WITH (FORCE)`);
  }
}

async function atServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
