import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { startPostgres } from "../scripts/services/postgres.ts";
import type { PrivateServer } from "../scripts/services/private-server.ts";
import { type PrivateRedis, startRedis } from "../scripts/services/redis.ts";
import { needsPostgres, needsRedis, type Pair } from "./pairs.ts";
import type { Random } from "./random.ts";

/** Something that an installation needs, and that can be taken from it. */
export interface Dependency {
  readonly name: string;
  down(): Promise<void>;
  up(): Promise<void>;
}

/** The servers of one pair, which nobody else uses. */
export interface Servers {
  readonly database: string;
  readonly brokerUrl?: string;
  /** The broker first. */
  readonly dependencies: readonly Dependency[];
  /** Empties Redis; absent where there is none. */
  readonly flush?: () => Promise<void>;
  /** Cuts all connections to PostgreSQL; absent where there is none. Returns how many there were. */
  readonly cut?: () => Promise<number>;
  stop(): Promise<void>;
}

/** What is on disk is not to outlive the machine. */
const settings = { fsync: "off", full_page_writes: "off" };

export async function startServers(pair: Pair, folder: string, random: Random): Promise<Servers> {
  const [postgres, redis] = await both(needsPostgres(pair) ? startPostgres({ settings }) : undefined, needsRedis(pair) ? startRedis() : undefined);
  const file = join(folder, "errand.sqlite");
  const dependencies = [
    redis && serverOf("Redis", redis, random),
    postgres && serverOf("PostgreSQL", postgres, random),
    pair.store === "sqlite" && lockOf(file),
  ];
  const brokerUrl = pair.broker === "bullmq" ? redis?.url : pair.broker === "graphile-worker" ? postgres?.url : undefined;
  return {
    database: pair.store === "sqlite" ? file : (postgres as PrivateServer).url,
    ...(brokerUrl !== undefined && { brokerUrl }),
    dependencies: dependencies.filter((one) => one !== undefined && one !== false),
    ...(redis && { flush: () => redis.flush() }),
    ...(postgres && { cut: () => cutConnections(postgres.url) }),
    stop: async () => void (await Promise.all([postgres?.stop(), redis?.stop()])),
  };
}

async function both(
  starting: Promise<PrivateServer> | undefined,
  other: Promise<PrivateRedis> | undefined,
): Promise<[PrivateServer | undefined, PrivateRedis | undefined]> {
  const [postgres, redis] = await Promise.allSettled([starting, other]);
  if (postgres.status === "fulfilled" && redis.status === "fulfilled") return [postgres.value, redis.value];
  if (postgres.status === "fulfilled") await postgres.value?.stop();
  if (redis.status === "fulfilled") await redis.value?.stop();
  throw (postgres.status === "rejected" ? postgres : (redis as PromiseRejectedResult)).reason;
}

/** It goes in good order, or as by a crash. */
function serverOf(name: string, server: PrivateServer, random: Random): Dependency {
  return { name, down: () => (random.percent(50) ? server.kill() : server.down()), up: () => server.restart() };
}

/** An SQLite file cannot be stopped, but somebody else can keep it from being written. */
function lockOf(file: string): Dependency {
  let holder: DatabaseSync | undefined;
  return {
    name: "the file's lock",
    async down() {
      holder = new DatabaseSync(file, { timeout: LOCK_MS });
      holder.exec("BEGIN IMMEDIATE");
    },
    async up() {
      holder?.exec("ROLLBACK");
      holder?.close();
    },
  };
}

/** How long the lock is waited for, ms. */
const LOCK_MS = 5000;

async function cutConnections(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
