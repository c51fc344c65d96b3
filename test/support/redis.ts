import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll } from "vitest";
import { redisFolder } from "../../scripts/services/programs.ts";
import { until } from "../../src/testing/until.ts";
import { tempDir } from "./temp.ts";

/** The Redis that tests share, each under a prefix of its own. */
export const sharedRedis = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
/** How far above its port a node of a cluster talks to the others. */
const BUS_OFFSET = 10_000;
const SLOTS = 16_384;

const servers = new Set<RedisServer>();

afterAll(async () => {
  await Promise.all([...servers].map((server) => server.kill()));
});

/** A prefix that nobody uses, and what removes its keys again from the shared Redis, and those of prefixes that begin with it. */
export function freshPrefix(): { readonly prefix: string; remove(): Promise<void> } {
  const prefix = `errand-test-${randomUUID()}`;
  return { prefix, remove: () => removeKeys(prefix) };
}

async function removeKeys(prefix: string): Promise<void> {
  const client = new Redis(sharedRedis);
  try {
    let cursor = "0";
    do {
      const [next, keys] = await client.scan(cursor, "MATCH", `{${prefix}*`, "COUNT", 10_000);
      if (keys.length > 0) await client.unlink(keys);
      cursor = next;
    } while (cursor !== "0");
  } finally {
    await disconnect(client);
  }
}

/** Asks Redis something on a connection of its own. */
export async function askRedis<T>(url: string, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await ask(client);
  } finally {
    await disconnect(client);
  }
}

async function disconnect(client: Redis): Promise<void> {
  const ended = once(client, "end");
  client.disconnect();
  await ended;
}

/** A Redis of the test's own that keeps nothing on disk. `settings` are those of redis-server, such as `["--requirepass", "secret"]`. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const server = new RedisServer(await freePort(), settings);
  await server.start();
  return server;
}

/** Three nodes that share the slots among them. */
export async function startCluster(): Promise<RedisServer[]> {
  const nodes: RedisServer[] = [];
  for (let count = 0; count < 3; count += 1) {
    const port = await freePort(BUS_OFFSET);
    nodes.push(await startRedis(["--port", String(port), "--cluster-enabled", "yes"]));
  }
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [index, node] of nodes.entries())
    await askRedis(node.url, async (client) => {
      await client.cluster("ADDSLOTSRANGE", index * share, Math.min((index + 1) * share, SLOTS) - 1);
      // Only before it has met others.
      await client.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    });
  const [first, ...others] = nodes;
  if (first)
    await askRedis(first.url, async (client) => {
      for (const { port } of others) await client.call("CLUSTER", "MEET", "127.0.0.1", port);
    });
  for (const node of nodes)
    await until("the cluster is there", () =>
      askRedis(node.url, async (client) => {
        const text = String(await client.cluster("INFO"));
        return text.includes("cluster_state:ok") && text.includes(`cluster_known_nodes:${nodes.length}`);
      }),
    );
  return nodes;
}

export class RedisServer {
  readonly port: number;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;

  constructor(port: number, settings: readonly string[]) {
    const given = settings.indexOf("--port");
    this.port = given < 0 ? port : Number(settings[given + 1]);
    this.#settings = settings;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Resolves once it answers. @throws Error with what it printed when it ends instead */
  async start(): Promise<void> {
    const settings = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tempDir()];
    const child = spawn(join(redisFolder() ?? "", "redis-server"), [...settings, ...this.#settings], { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    const ready = new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        if (/Ready to accept connections/.test(printed)) resolve();
      });
      child.once("error", (cause) => reject(new Error("redis-server could not be started: install Debian's redis-server, or put it in PATH.", { cause })));
      child.once("exit", () => reject(new Error(`redis-server ended.\n${printed}`)));
    });
    child.stderr.resume();
    this.#process = child;
    servers.add(this);
    await ready;
  }

  /** Ends it at once, as a crash would: what it held is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    servers.delete(this);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  }

  /** Leaves it without a processor: it takes connections and answers nobody. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }
}

/** A port that nobody listens on, and neither on the one that many above it. */
async function freePort(above = 0): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (above === 0) return port;
    if (port + above > 65_535) continue;
    const taken = await listenOnce(port + above).catch(() => null);
    if (taken !== null) return port;
  }
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("The system gave no port.");
  return address.port;
}
