import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bullmq } from "../../src/brokers/bullmq.ts";
import type { Broker, Delivery } from "../../src/core/broker.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { testBroker } from "../../src/testing/index.ts";
import { until } from "../../src/testing/until.ts";
import { askRedis, freshPrefix, type RedisServer, startCluster } from "../support/redis.ts";
import { freshDatabase } from "../support/temp.ts";

let nodes: RedisServer[] = [];

beforeAll(async () => {
  nodes = await startCluster();
});

afterAll(async () => {
  for (const node of nodes) await node.kill();
});

/** Named by one of its nodes, whichever; the others are found. */
const urlOf = (index: number) => `redis://127.0.0.1:${nodes[index % nodes.length]?.port}?cluster=true`;

let count = 0;
testBroker({ describe, test }, "bullmq on a cluster", { features: ["durable", "delay", "priority"], withdraws: true }, () => {
  const file = freshDatabase();
  const { prefix } = freshPrefix();
  return { open: () => ({ broker: bullmq({ url: urlOf(count++), prefix }), store: sqlite(file) }) };
});

/** How often the nodes have sent somebody elsewhere. */
async function redirections(): Promise<number> {
  const stats = await Promise.all(nodes.map((node) => askRedis(node.url, (client) => client.info("errorstats"))));
  return stats.reduce((sum, text) => sum + Number(/errorstat_MOVED:count=(\d+)/.exec(text)?.[1] ?? 0), 0);
}

test("what comes to a broker that has not met its node yet goes straight there, in its order", async () => {
  const before = await redirections();
  for (const index of nodes.keys()) {
    const broker = bullmq({ url: urlOf(index), prefix: freshPrefix().prefix, together: 1 }) as Required<Broker>;
    try {
      const runs = Array.from({ length: 5 }, (): Delivery => ({ runId: v7(), queue: "default", attempt: 1, priority: 0, runAt: Date.now() }));
      await Promise.all(runs.map((run) => broker.dispatch([run])));
      const handed: string[] = [];
      await broker.consume(async ({ runId }) => void handed.push(runId), { queues: [], concurrency: 1 });
      await until("all were handed out", () => handed.length === runs.length);
      expect(handed).toEqual(runs.map(({ runId }) => runId));
    } finally {
      await broker.close();
    }
  }
  expect(await redirections()).toBe(before);
});

test("the queues of one installation lie on one node, and installations spread over the nodes", async () => {
  const url = `redis://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  const brokers: Required<Broker>[] = [];
  const homes = new Set<number>();
  try {
    // The hash slots of these three prefixes belong to three nodes.
    for (const prefix of ["a", "b", "c"]) {
      const broker = bullmq({ url, prefix }) as Required<Broker>;
      brokers.push(broker);
      const deliveries = ["mail", "pdf", "a:b"].map((queue): Delivery => ({ runId: v7(), queue, attempt: 1, priority: 0, runAt: Date.now() }));
      await broker.dispatch(deliveries);
      const sizes = await Promise.all(nodes.map((node) => askRedis(node.url, (client) => client.keys(`{${prefix}}*`))));
      const home = sizes.findIndex((keys) => keys.length > 0);
      expect(sizes.filter((keys) => keys.length > 0)).toHaveLength(1);
      homes.add(home);
      expect(await broker.missing(deliveries)).toEqual([]);
      const handed: string[] = [];
      await broker.consume(async ({ runId }) => void handed.push(runId), { queues: [], concurrency: 2 });
      await until("all were handed out", () => handed.length === 3);
    }
  } finally {
    for (const broker of brokers) await broker.close();
  }
  expect(homes.size).toBe(nodes.length);
});
