import { createServer } from "node:net";
import { v7 } from "uuid";
import { afterEach, expect, test, vi } from "vitest";
import { type BullmqOptions, bullmq } from "../../src/brokers/bullmq.ts";
import type { Broker, Delivery } from "../../src/core/broker.ts";
import { until } from "../../src/testing/until.ts";
import { askRedis, type RedisServer, startRedis } from "../support/redis.ts";

/** Far longer than an answer takes, on a busy machine too; what is cut off is known to be so at once. ms */
const timeout = 1000;

const brokers: Broker[] = [];
const servers: RedisServer[] = [];

async function redis(settings?: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(settings);
  servers.push(server);
  return server;
}

function open(options: BullmqOptions): Required<Broker> {
  const broker = bullmq({ timeout, ...options });
  brokers.push(broker);
  return broker as Required<Broker>;
}

function delivery(given: Partial<Delivery> = {}): Delivery {
  return { runId: v7(), queue: "default", attempt: 1, priority: 0, runAt: Date.now(), ...given };
}

/** Whatever is handed out, by run. */
async function collect(broker: Broker): Promise<string[]> {
  const handed: string[] = [];
  await broker.consume?.(async ({ runId }) => void handed.push(runId), { queues: [], concurrency: 5 });
  return handed;
}

/** Dispatches over and over, as the sweep does, until it was handed out. */
async function sweepUntilHanded(broker: Broker, given: Delivery, handed: readonly string[]): Promise<void> {
  await until("it was handed out", async () => {
    await broker.dispatch([given]).catch(() => undefined);
    return handed.includes(given.runId);
  });
}

afterEach(async () => {
  for (const server of servers) server.thaw();
  for (const broker of brokers.splice(0)) await broker.close();
  for (const server of servers.splice(0)) await server.kill();
});

test("a worker goes on after Redis was flushed, scripts and all", async () => {
  const server = await redis();
  const [web, worker] = [open({ url: server.url }), open({ url: server.url })];
  const handed = await collect(worker);
  const before = delivery({ queue: "mail" });
  await web.dispatch([before]);
  await until("it was handed out", () => handed.includes(before.runId));
  for (const queue of ["mail", "another"]) {
    await askRedis(server.url, async (client) => {
      await client.flushall();
      await client.script("FLUSH");
    });
    const after = delivery({ queue });
    await web.dispatch([after]);
    await until("one of after the flush was handed out", () => handed.includes(after.runId));
  }
});

test("what was waiting when Redis was flushed is missing, and comes when it is dispatched again", async () => {
  const server = await redis();
  const broker = open({ url: server.url });
  const waiting = [delivery(), delivery({ runAt: Date.now() + timeout })];
  await broker.dispatch(waiting);
  expect(await broker.missing(waiting)).toEqual([]);
  await askRedis(server.url, (client) => client.flushall());
  expect(await broker.missing(waiting)).toEqual(waiting);
  await broker.dispatch(waiting);
  const handed = await collect(broker);
  await until("both were handed out", () => handed.length === 2);
});

test("a handler that is at work when Redis is flushed ends in peace", async () => {
  const server = await redis();
  const broker = open({ url: server.url });
  const { promise: opened, resolve: letGo } = Promise.withResolvers<void>();
  let [begun, ended] = [0, 0];
  await broker.consume(
    async () => {
      begun += 1;
      await opened;
      ended += 1;
    },
    { queues: ["default"], concurrency: 1 },
  );
  await broker.dispatch([delivery()]);
  await until("it is under way", () => begun === 1);
  await askRedis(server.url, (client) => client.flushall());
  letGo();
  await until("it has ended", () => ended === 1);
  const next = delivery();
  await broker.dispatch([next]);
  await until("the next has ended", () => ended === 2);
  expect(begun).toBe(2);
});

test("a worker goes on after Redis died and came back empty, without a word on the console", async () => {
  const console = [vi.spyOn(globalThis.console, "error"), vi.spyOn(globalThis.console, "warn"), vi.spyOn(globalThis.console, "log")];
  const server = await redis();
  const warnings: string[] = [];
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  const [web, worker] = [open({ url: server.url }), open({ url: server.url, log })];
  const handed = await collect(worker);
  const before = delivery();
  await web.dispatch([before]);
  await until("it was handed out", () => handed.includes(before.runId));
  await server.kill();
  await until("the web process knows", () =>
    web.dispatch([delivery()]).then(
      () => false,
      () => true,
    ),
  );
  await until("the worker says so", () => warnings.length > 0);
  await server.start();
  await sweepUntilHanded(web, delivery(), handed);
  for (const spy of console) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

test("what a worker has no place for reaches others once Redis is back, however long what it has in hand takes", async () => {
  const server = await redis();
  const [web, worker, other] = [open({ url: server.url }), open({ url: server.url }), open({ url: server.url })];
  const { promise: opened, resolve: letGo } = Promise.withResolvers<void>();
  const inHand: string[] = [];
  const runs = Array.from({ length: 8 }, () => delivery());
  await web.dispatch(runs);
  await worker.consume(
    ({ runId }) => {
      inHand.push(runId);
      // What else there is of the bundle cannot be put back now.
      server.freeze();
      return opened;
    },
    { queues: ["default"], concurrency: 1 },
  );
  await until("one is under way", () => inHand.length === 1);
  await expect(web.dispatch([delivery()])).rejects.toThrow();
  await expect(worker.dispatch([delivery()])).rejects.toThrow();
  server.thaw();
  const handed = await collect(other);
  await until("all others were handed out", () => runs.every(({ runId }) => handed.includes(runId) || inHand.includes(runId)));
  expect(inHand).toHaveLength(1);
  letGo();
});

test("with Redis down, dispatch says so, with the address and without the password, and works once it is up", async () => {
  const server = await redis(["--requirepass", "secret"]);
  await server.kill();
  const broker = open({ url: `redis://:secret@127.0.0.1:${server.port}` });
  const given = delivery();
  const failure = await broker.dispatch([given]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  const { message } = failure as Error;
  expect(message).toContain(`127.0.0.1:${server.port}`);
  expect(message).toContain("ECONNREFUSED");
  expect(message).not.toContain("secret");
  await expect(broker.withdraw(given)).rejects.toThrow("cannot be reached");
  await expect(broker.missing([given])).rejects.toThrow("cannot be reached");
  const handed = await collect(broker);
  await server.start();
  await sweepUntilHanded(broker, given, handed);
});

test("a wrong password is told, without it", async () => {
  const server = await redis(["--requirepass", "secret"]);
  const broker = open({ url: `redis://:wrong-one@127.0.0.1:${server.port}` });
  const failure = await broker.dispatch([delivery()]).catch((error: unknown) => String(error));
  expect(failure).toMatch(/WRONGPASS|NOAUTH/);
  expect(failure).not.toContain("wrong-one");
});

test("a Redis that takes connections and answers nobody fails the dispatch, then everyone at once, until it wakes", async () => {
  const server = await redis();
  const broker = open({ url: server.url });
  const handed = await collect(broker);
  const before = delivery();
  await broker.dispatch([before]);
  await until("it was handed out", () => handed.includes(before.runId));
  server.freeze();
  await expect(broker.dispatch([delivery()])).rejects.toThrow();
  await expect(Promise.all(Array.from({ length: 50 }, () => broker.dispatch([delivery()])))).rejects.toThrow("cannot be reached");
  server.thaw();
  await sweepUntilHanded(broker, delivery(), handed);
});

test("a server that never says a word fails the first dispatch in bounded time", async () => {
  const silent = createServer();
  const sockets = new Set<import("node:net").Socket>();
  silent.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as import("node:net").AddressInfo;
  const broker = open({ url: `redis://127.0.0.1:${port}`, timeout: 200 });
  await expect(broker.dispatch([delivery()])).rejects.toThrow("cannot be reached");
  await broker.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

test("closing while Redis is down ends the consumer and the wait", async () => {
  const server = await redis();
  const broker = open({ url: server.url });
  const handed = await collect(broker);
  const before = delivery();
  await broker.dispatch([before]);
  await until("it was handed out", () => handed.includes(before.runId));
  await server.kill();
  await broker.close();
  await expect(broker.dispatch([delivery()])).rejects.toThrow("closed");
});
