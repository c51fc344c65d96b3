import { randomBytes } from "node:crypto";
import pg from "pg";

/** Where databases are made: DATABASE_URL, else the server on this machine's standard port. */
const SERVER = process.env.DATABASE_URL || "postgres://postgres@127.0.0.1:5432/postgres";

export interface TestDatabase {
  readonly url: string;
  /** Deletes it, and cuts whoever is still connected. */
  drop(): Promise<void>;
}

/** A fresh empty PostgreSQL database. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `errand_test_${randomBytes(6).toString("hex")}`;
  await atServer(`CREATE DATABASE ${name}`);
  await atServer(`ALTER DATABASE ${name} SET synchronous_commit TO off`); // Nothing of a test has to outlive the machine.
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => atServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
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
