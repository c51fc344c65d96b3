import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import pg from "pg";

const POSTGRES = process.env.DATABASE_URL || "postgres://postgres@127.0.0.1:5432/postgres";
const REDIS = process.env.REDIS_URL || "redis://127.0.0.1:6379";

/** Where engines keep what they carry. */
export interface Addresses {
  readonly database: string;
  readonly redis: string;
  /** What keys in Redis begin with, in braces. */
  readonly prefix: string;
}

/** A fresh PostgreSQL database and a prefix of its own in Redis, gone when the block is left. */
export class Place implements Addresses, AsyncDisposable {
  readonly prefix = `errand_bench_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  readonly redis = REDIS;

  static async make(): Promise<Place> {
    const place = new Place();
    await atPostgres(`CREATE DATABASE ${place.prefix}`);
    return place;
  }

  get database(): string {
    const url = new URL(POSTGRES);
    url.pathname = `/${this.prefix}`;
    return url.href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await atPostgres(`DROP DATABASE ${this.prefix} WITH (FORCE)`);
    const client = new Redis(this.redis);
    for await (const keys of client.scanStream({ match: `{${this.prefix}}*`, count: 10_000 })) {
      if ((keys as string[]).length > 0) await client.unlink(keys as string[]);
    }
    await client.quit();
  }
}

async function atPostgres(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES });
  await client.connect();
  await client.query(statement);
  await client.end();
}
