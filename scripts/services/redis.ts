import { join } from "node:path";
import { Redis } from "ioredis";
import { onFreePort } from "./on-free-port.ts";
import { type PrivateServer, startPrivate } from "./private-server.ts";
import { redisFolder } from "./programs.ts";

export interface RedisOptions {
  /** Where it listens on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** More arguments of `redis-server`, such as `["--cluster-enabled", "yes"]`. */
  readonly args?: readonly string[];
}

export interface PrivateRedis extends PrivateServer {
  /** Empties it. */
  flush(): Promise<void>;
}

/**
 * A private Redis in a temporary folder on 127.0.0.1. It keeps nothing on disk unless `args` say so: a restarted one is empty.
 * @throws Error when none is installed, or it does not start
 */
export async function startRedis(options: RedisOptions = {}): Promise<PrivateRedis> {
  const folder = redisFolder();
  if (folder === undefined) throw new Error("There is no Redis to start: install it, or set REDIS_BIN to the folder of redis-server.");
  return onFreePort(options.port, async (port) => {
    const url = `redis://127.0.0.1:${port}`;
    const server = await startPrivate(
      { url, port },
      {
        name: "redis",
        prepare: [],
        command: join(folder, "redis-server"),
        args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", ...(options.args ?? [])],
        ready: "Ready to accept connections",
        again: [],
        stop: "SIGTERM",
      },
    );
    return Object.assign(server, { flush: () => flush(url) });
  });
}

async function flush(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  await redis.quit();
}
