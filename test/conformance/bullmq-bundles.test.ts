import { connect } from "node:net";
import { Worker } from "bullmq";
import { expect, onTestFinished, test } from "vitest";
import type { Broker, Delivery } from "../../src/core/broker.ts";
import { until } from "../../src/testing/until.ts";
import { startRedis } from "../support/redis.ts";
import { bullmqPlace, delivery, hold, later } from "./bullmq-place.ts";

const place = bullmqPlace();
const { open, bullQueue, redis, gate } = place;

/** Hands everything out to one that takes so many at once. Returns the runs in the order in which they came. */
async function handOut(broker: Required<Broker>, concurrency: number, handle: (one: Delivery) => Promise<void> | void = () => {}) {
  const handed: string[] = [];
  const consumer = await broker.consume(
    async (one) => {
      handed.push(one.runId);
      await handle(one);
    },
    { queues: ["default"], concurrency },
  );
  return { handed, consumer };
}

test("what comes in one moment goes together by its priority, and each is known, counted and forgotten by itself", async () => {
  const broker = open({ together: 8 });
  const alike = Array.from({ length: 20 }, () => delivery());
  const others = [delivery({ priority: 5 }), delivery({ runAt: Date.now() + later }), delivery({ queue: "mail" })];
  await broker.dispatch([...alike, ...others]);
  await broker.dispatch(alike);
  expect(await bullQueue("default").getJobCounts("prioritized", "delayed")).toEqual({ prioritized: 4, delayed: 1 });
  const unknown = delivery();
  expect(await broker.missing([...alike, unknown, ...others])).toEqual([unknown]);
  const { handed, consumer } = await handOut(broker, 10);
  await until("all were handed out", () => handed.length === 21);
  await consumer.stop();
  expect(new Set(handed)).toEqual(new Set([...alike, ...others.slice(0, 1)].map(({ runId }) => runId)));
  expect(await broker.missing([...alike, ...others])).toEqual([...alike, ...others.slice(0, 1)]);
  expect(await redis().exists(`{${place.prefix}}:bundled`)).toBe(0);
});

test("one at a time: those of a bundle come in their order, after what is more urgent, and before what came later", async () => {
  const broker = open({ together: 4 });
  const bundled = Array.from({ length: 10 }, () => delivery());
  await broker.dispatch(bundled);
  const after = delivery();
  await broker.dispatch([after]);
  const urgent = delivery({ priority: 1 });
  const { handed } = await handOut(broker, 1, () => (handed.length === 2 ? broker.dispatch([urgent]) : undefined));
  await until("all were handed out", () => handed.length === 12);
  const expected = [...bundled, after].map(({ runId }) => runId);
  expect(handed.filter((id) => id !== urgent.runId)).toEqual(expected);
  // Only what was in hand already went before it.
  expect(handed.indexOf(urgent.runId)).toBeLessThanOrEqual(4);
});

test("of a bundle, what could not be handled comes again alone, and the others do not", async () => {
  const broker = open();
  const runs = Array.from({ length: 5 }, () => delivery());
  await broker.dispatch(runs);
  const failing = runs[2] as Delivery;
  let failures = 0;
  const { handed, consumer } = await handOut(broker, 5, ({ runId }) => {
    if (runId !== failing.runId || failures === 2) return;
    failures += 1;
    throw new Error("not now");
  });
  await until("it was handled in the end", () => handed.length === 7);
  await consumer.stop();
  expect(handed.toSorted()).toEqual([...runs, failing, failing].map(({ runId }) => runId).toSorted());
  expect(await broker.missing(runs)).toEqual(runs);
});

test("of a bundle each is done with by itself, however long another takes", async () => {
  const broker = open();
  const [long, failing, done, ...others] = Array.from({ length: 6 }, () => delivery()) as [Delivery, Delivery, Delivery];
  await broker.dispatch([long, failing, done, ...others]);
  const { opened, open: letGo } = gate();
  const { handed } = await handOut(broker, 6, ({ runId }) => {
    if (runId === long.runId) return opened;
    if (runId === failing.runId && handed.filter((id) => id === runId).length === 1) throw new Error("not now");
  });
  await until("what could not be handled came again", () => handed.length === 7);
  await until("only the long one is held", async () => (await broker.missing([long, failing, done])).length === 2);
  expect(await broker.missing([long, failing, done])).toEqual([failing, done]);
  letGo();
});

for (const concurrency of [1, 4, 10])
  test(`nothing is left of what was bundled, ${concurrency} at a time`, async () => {
    const broker = open();
    const runs = Array.from({ length: 80 }, () => delivery());
    await broker.dispatch(runs.slice(0, 40));
    const { handed } = await handOut(broker, concurrency, () => new Promise((done) => setTimeout(done, handed.length % 10 === 0 ? 25 : 0)));
    await broker.dispatch(runs.slice(40));
    await until("all were handed out", () => new Set(handed).size === runs.length);
    const client = redis();
    await until("nothing is left", async () => (await client.exists(`{${place.prefix}}:bundled`)) === 0);
    expect(await broker.missing(runs)).toEqual(runs);
  });

test("what a worker has no place for goes back with a word to those who wait", async () => {
  const server = await startRedis();
  onTestFinished(() => server.kill());
  const broker = open({ url: server.url });
  const said = await overheard(server.port);
  const { opened, open: letGo } = gate();
  let begun = 0;
  await broker.consume(
    () => {
      begun += 1;
      return opened;
    },
    { queues: ["mail", "default"], concurrency: 1 },
  );
  await broker.dispatch([delivery({ queue: "mail" }), delivery()]);
  await until("its hands are full", () => begun === 1);
  // By a client: BullMQ's scripts tell of what they add themselves.
  const isTold = (line: string): boolean => !line.includes(" lua]") && /"zadd" ".*:(?:mail|default):marker"/i.test(line);
  await until("a worker that waits is told", () => said().some(isTold));
  letGo();
  await until("the other had its turn", () => begun === 2);
  await broker.close();
});

/** What a Redis is asked from now on, a line for each command. */
async function overheard(port: number): Promise<() => string[]> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  socket.write("MONITOR\r\n");
  await until("it is overheard", () => text.startsWith("+OK"));
  return () => text.split("\r\n");
}

test("more than the arguments of a command goes out", async () => {
  const broker = open({ together: 1000 });
  const runs = Array.from({ length: 100_000 }, () => delivery());
  await broker.dispatch(runs);
  expect(await bullQueue("default").getJobCountByTypes("prioritized")).toBe(100);
  expect(await broker.missing(runs.slice(-2000))).toEqual([]);
});

test("a delivery is withdrawn from its bundle, but not from under a worker, and the last one takes the job along", async () => {
  const broker = open();
  const [first, second, third] = [delivery(), { ...delivery(), attempt: 3 }, delivery()];
  // As many again are the other job.
  const others = Array.from({ length: 3 }, () => delivery());
  await broker.dispatch([first, second, third, ...others]);
  expect(await broker.withdraw({ ...second, attempt: 1 })).toBe(false);
  expect(await broker.withdraw(second)).toBe(true);
  expect(await broker.withdraw(second)).toBe(false);
  expect(await broker.missing([first, second, third])).toEqual([second]);
  expect(await bullQueue("default").getJobCountByTypes("prioritized")).toBe(2);
  expect(await Promise.all(others.map((one) => broker.withdraw(one)))).toEqual([true, true, true]);
  expect(await bullQueue("default").getJobCountByTypes("prioritized")).toBe(1);
  const { opened, open: letGo } = gate();
  const { handed } = await handOut(broker, 5, () => opened);
  await until("both are under way", () => handed.length === 2);
  expect(handed).toEqual([first.runId, third.runId]);
  expect(await broker.withdraw(first)).toBe(false);
  expect(await broker.missing([first, third])).toEqual([]);
  letGo();
});

test("a bundle that a dead worker took with it is given to another, which heeds a hold of its own", async () => {
  const broker = open({ hold });
  const runs = Array.from({ length: 6 }, () => delivery());
  await broker.dispatch(runs);
  const dead = new Worker("default", null, { connection: redis(), prefix: `{${place.prefix}}`, autorun: false, lockDuration: hold });
  const job = await dead.getNextJob("dead", { block: false });
  expect(job?.data.deliveries).toHaveLength(3);
  await dead.close(true);
  const { handed } = await handOut(broker, 1);
  await until("all were handed out", () => handed.length === 6);
  expect(handed.toSorted()).toEqual(runs.map(({ runId }) => runId).toSorted());
});

test("what could go as one job goes as two, for two workers", async () => {
  const broker = open();
  await broker.dispatch(Array.from({ length: 10 }, () => delivery()));
  expect(await bullQueue("default").getJobCountByTypes("prioritized")).toBe(2);
});

test("where it is wished, each has a job of its own", async () => {
  const broker = open({ together: 1 });
  await broker.dispatch(Array.from({ length: 5 }, () => delivery()));
  expect(await bullQueue("default").getJobCountByTypes("prioritized")).toBe(5);
});

test("a queue that lets only so many jobs through in a span is waited for in peace", async () => {
  const broker = open({ together: 1 });
  const queue = bullQueue("default");
  await queue.setGlobalRateLimit(2, 400);
  const runs = Array.from({ length: 6 }, () => delivery());
  await broker.dispatch(runs);
  const begun = performance.now();
  const { handed } = await handOut(broker, 5);
  await until("the first were handed out", () => handed.length >= 2);
  await until("all were handed out", () => handed.length === runs.length);
  // Three spans, of which the last need not end.
  expect(performance.now() - begun).toBeGreaterThan(700);
});

test("a limit that was lifted is forgotten", async () => {
  const broker = open({ together: 1 });
  const queue = bullQueue("default");
  await queue.setGlobalRateLimit(1, later);
  await broker.dispatch(Array.from({ length: 3 }, () => delivery()));
  const { handed } = await handOut(broker, 5);
  await until("the first was handed out", () => handed.length === 1);
  await until("the limit holds", async () => (await queue.getRateLimitTtl()) > 0);
  await queue.removeGlobalRateLimit();
  await redis().del(queue.toKey("limiter"));
  await until("the others were handed out", () => handed.length === 3);
});
