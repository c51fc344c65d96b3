import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { Redis } from "ioredis";
import pg from "pg";

/** How long a server may take to answer, ms. */
const PATIENCE_MS = 5000;
const OLDEST_POSTGRES = 15;

/** A server that can be used, or why there is none. */
export type Found = { readonly url: string } | { readonly none: string };

/** The PostgreSQL at DATABASE_URL or, without one, on the standard port. */
export function answeringPostgres(): Promise<Found> {
  return firstUsable(
    "DATABASE_URL",
    ["postgres", userInfo().username].map((user) => `postgres://${user}@127.0.0.1:5432/postgres`),
    tryPostgres,
  );
}

/** The Redis at REDIS_URL or, without one, on the standard port. */
export function answeringRedis(): Promise<Found> {
  return firstUsable("REDIS_URL", ["redis://127.0.0.1:6379"], tryRedis);
}

/** @param use rejects when the server does not answer, or is not of use here */
async function firstUsable(variable: string, standard: readonly string[], use: (url: string) => Promise<void>): Promise<Found> {
  const named = process.env[variable];
  const reasons: string[] = [];
  for (const url of named ? [named] : standard) {
    try {
      await use(url);
      return { url };
    } catch (error) {
      reasons.push(`${named ? variable : withoutPassword(url)}: ${reasonOf(error)}`);
    }
  }
  return { none: reasons[0] as string };
}

async function tryPostgres(url: string): Promise<void> {
  if (!/^postgres(ql)?:/.test(url)) throw new Error("no address of a PostgreSQL, which is like postgres://user@host/database");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS });
  client.on("error", () => undefined); // A break after the answer is no concern of ours.
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; creates: boolean }>(
      "select current_setting('server_version_num')::int / 10000 as version, rolcreatedb or rolsuper as creates from pg_roles where rolname = current_user",
    );
    const [{ version, creates }] = rows as [{ version: number; creates: boolean }];
    if (version < OLDEST_POSTGRES) throw new Error(`PostgreSQL ${version} is older than ${OLDEST_POSTGRES}`);
    if (!creates) throw new Error("its user may not create databases");
  } finally {
    await client.end();
  }
}

async function tryRedis(url: string): Promise<void> {
  if (!/^rediss?:/.test(url)) throw new Error("no address of a Redis, which is like redis://host:6379");
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let broken: Error | undefined;
  redis.on("error", (error: Error) => {
    broken = error;
  });
  try {
    await redis.connect();
    await redis.ping();
    // A replica, or one that is full, answers and takes nothing.
    await redis.set(`errand:answering:${randomUUID()}`, "", "PX", PATIENCE_MS);
  } catch (error) {
    throw broken ?? error;
  } finally {
    // At its end already, it would hold the process for two seconds.
    if (redis.status !== "end") redis.disconnect();
  }
}

/** A refused connection to several addresses of a host is an error without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return (error.errors as Error[]).map(({ message }) => message).join(", ");
  return (error as Error).message;
}

function withoutPassword(url: string): string {
  return url.replace(/:\/\/[^@/]*:[^@/]*@/, "://…@");
}
