import { Worker } from "bullmq";
import { expect, test } from "vitest";
import { bullmq } from "../../src/brokers/bullmq.ts";
import type { Delivery } from "../../src/core/broker.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { until } from "../../src/testing/until.ts";
import { bullmqPlace, delivery, hold, later } from "./bullmq-place.ts";

const place = bullmqPlace();
const { open, bullQueue, redis, gate } = place;

test("a repeated dispatch of one that waits changes nothing, and one that was handled may come again", async () => {
  const broker = open();
  const given = delivery();
  for (let round = 0; round < 3; round += 1) await broker.dispatch([given, { ...given, priority: 9 }]);
  expect(await bullQueue("default").getJobCounts("prioritized", "delayed", "wait")).toEqual({ prioritized: 1, delayed: 0, wait: 0 });
  const handed: Delivery[] = [];
  await broker.consume(async (one) => void handed.push(one), { queues: [], concurrency: 5 });
  await until("it was handed out", () => handed.length === 1);
  expect(handed).toEqual([given]);
  await until("nothing of it is left", async () => (await broker.missing([given])).length === 1);
  await broker.dispatch([given]);
  await until("it was handed out again", () => handed.length === 2);
});

test("missing names exactly those that are neither waiting nor under way", async () => {
  const broker = open();
  const [waiting, delayed, unknown, elsewhere] = [delivery(), delivery({ runAt: Date.now() + later }), delivery(), delivery()];
  await broker.dispatch([waiting, delayed, elsewhere]);
  const others = [
    { ...waiting, attempt: 2 },
    { ...elsewhere, queue: "mail" },
  ];
  expect(await broker.missing([waiting, unknown, delayed, ...others])).toEqual([unknown, ...others]);
  const { opened, open: letGo } = gate();
  let begun = 0;
  const consumer = await broker.consume(
    () => {
      begun += 1;
      return opened;
    },
    { queues: [], concurrency: 5 },
  );
  await until("both are under way", () => begun === 2);
  expect(await broker.missing([waiting])).toEqual([]);
  letGo();
  await consumer.stop();
  expect(await broker.missing([waiting, delayed])).toEqual([waiting]);
});

test("what BullMQ holds back far beyond its time, since a clock was wrong, is let go of once somebody asks for it", async () => {
  const web = open();
  const [due, notDue] = [delivery({ runAt: Date.now() + later }), delivery({ runAt: Date.now() + later })];
  await web.dispatch([due, notDue]);
  const handed: string[] = [];
  await open().consume(async ({ runId }) => void handed.push(runId), { queues: ["default"], concurrency: 5 });
  // The sweep asks for what is due by the store's clock.
  expect(await web.missing([{ ...due, runAt: Date.now() }, notDue])).toEqual([]);
  await until("it was handed out", () => handed.length > 0);
  expect(handed).toEqual([due.runId]);
  expect(await bullQueue("default").getJobCountByTypes("delayed")).toBe(1);
});

test("a queue that another process uses later reaches those who take all, and nobody else", async () => {
  const [worker, web] = [open(), open()];
  const [all, some]: string[][] = [[], []];
  await worker.consume(async ({ queue }) => void all?.push(queue), { queues: [], concurrency: 2 });
  await worker.consume(async ({ queue }) => void some?.push(queue), { queues: ["first"], concurrency: 2 });
  await web.dispatch([delivery({ queue: "before" })]);
  await until("the worker is at work", () => all?.includes("before"));
  for (const queue of ["später: a:b/c?", "Before", "x"]) {
    await web.dispatch([delivery({ queue })]);
    await until(`the queue ${queue} is taken from`, () => all?.includes(queue));
  }
  expect(some).toEqual([]);
});

test("a consumer's concurrency counts over all its queues, and no queue starves another", async () => {
  const broker = open();
  const runs = ["mail", "pdf"].flatMap((queue) => Array.from({ length: 30 }, () => delivery({ queue })));
  await broker.dispatch(runs);
  const order: string[] = [];
  let [underWay, most] = [0, 0];
  await broker.consume(
    async ({ queue }) => {
      order.push(queue);
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((done) => setImmediate(done));
      underWay -= 1;
    },
    { queues: ["mail", "pdf", "none"], concurrency: 3 },
  );
  await until("all were handed out", () => order.length === runs.length);
  expect(most).toBe(3);
  for (const queue of ["mail", "pdf"]) expect(order.slice(0, 40).filter((name) => name === queue).length).toBeGreaterThan(10);
});

test("one worker does not hoard what another has room for", async () => {
  const [one, other] = [open(), open()];
  const { opened, open: letGo } = gate();
  const held = [0, 0];
  for (const [index, broker] of [one, other].entries())
    await broker.consume(
      () => {
        held[index] = (held[index] as number) + 1;
        return opened;
      },
      { queues: [], concurrency: 4 },
    );
  await one.dispatch(Array.from({ length: 8 }, () => delivery()));
  await until("both have their hands full", () => held[0] === 4 && held[1] === 4);
  letGo();
});

test("the highest priority comes first over the whole range, then the first that came, however they were mixed", async () => {
  const broker = open();
  const priorities = [0, 32_767, -5, 0, 7, -32_768, 1, 0, -1, 7];
  const runs = priorities.map((priority) => delivery({ priority }));
  for (const run of runs) await broker.dispatch([run]);
  const handed: string[] = [];
  await broker.consume(async ({ runId }) => void handed.push(runId), { queues: ["default"], concurrency: 1 });
  await until("all were handed out", () => handed.length === runs.length);
  expect(handed).toEqual(runs.toSorted((a, b) => b.priority - a.priority).map(({ runId }) => runId));
});

test("what is under way stays with its worker for as long as it takes", async () => {
  const [worker, other] = [open({ hold }), open({ hold })];
  const given = delivery();
  const handed: string[] = [];
  const { opened, open: letGo } = gate();
  const take = (name: string) => () => {
    handed.push(name);
    return opened;
  };
  await worker.consume(take("worker"), { queues: ["default"], concurrency: 1 });
  await worker.dispatch([given]);
  await until("it is under way", () => handed.length === 1);
  await other.consume(take("other"), { queues: ["default"], concurrency: 1 });
  const client = redis();
  const key = `{${place.prefix}}:default:${given.runId}-1:lock`;
  let renewals = 0;
  let left = await client.pttl(key);
  await until("the hold was renewed several times", async () => {
    const now = await client.pttl(key);
    if (now > left) renewals += 1;
    left = now;
    return renewals >= 6;
  });
  expect(handed).toEqual(["worker"]);
  letGo();
});

test("what a worker took with it when it died is given to another", async () => {
  const broker = open({ hold });
  const given = delivery();
  await broker.dispatch([given]);
  // A worker that takes a job and is never heard of again.
  const dead = new Worker("default", null, { connection: redis(), prefix: `{${place.prefix}}`, autorun: false, lockDuration: hold });
  expect((await dead.getNextJob("dead", { block: false }))?.id).toBe(`${given.runId}-1`);
  await dead.close(true);
  const handed: Delivery[] = [];
  await broker.consume(async (one) => void handed.push(one), { queues: ["default"], concurrency: 1 });
  await until("it was handed out", () => handed.length === 1);
  expect(handed).toEqual([given]);
  await until("nothing of it is left", async () => (await broker.missing([given])).length === 1);
});

test("the jobs are BullMQ's own: its queue counts and pauses them, its worker takes them", async () => {
  const broker = open();
  const queue = bullQueue("mail");
  const runs = [delivery({ queue: "mail", priority: -3 }), delivery({ queue: "mail" }), delivery({ queue: "mail", runAt: Date.now() + later })];
  await broker.dispatch(runs);
  expect(await queue.getJobCounts("prioritized", "delayed", "active")).toEqual({ prioritized: 2, delayed: 1, active: 0 });
  const jobs = await queue.getJobs(["prioritized", "delayed"]);
  expect(jobs.map(({ id }) => id).sort()).toEqual(runs.map(({ runId }) => `${runId}-1`).sort());

  await queue.pause();
  const handed: string[] = [];
  const consumer = await broker.consume(async ({ runId }) => void handed.push(runId), { queues: ["mail", "other"], concurrency: 1 });
  const other = delivery({ queue: "other" });
  await broker.dispatch([other]);
  await until("the other queue is taken from", () => handed.length === 1);
  expect(handed).toEqual([other.runId]);
  await queue.resume();
  await until("the queue is taken from again", () => handed.length === 3);
  expect(handed).toEqual([other.runId, runs[1]?.runId, runs[0]?.runId]);
  await consumer.stop();

  await (await queue.getJob(`${runs[2]?.runId}-1`))?.promote();
  const taken: unknown[] = [];
  const worker = new Worker("mail", async ({ data }) => void taken.push(data), { connection: redis(), prefix: `{${place.prefix}}` });
  await until("BullMQ's worker has done it", async () => taken.length === 1 && (await broker.missing([runs[2] as Delivery])).length === 1);
  await worker.close();
  expect(taken).toEqual([{ runId: runs[2]?.runId, attempt: 1, priority: 0, runAt: runs[2]?.runAt }]);
});

test("what somebody else put into a queue is taken as BullMQ would, if it is a delivery, and removed with a word if it is none", async () => {
  const warnings: string[] = [];
  const broker = open({ log: { warn: (_fields, message) => void warnings.push(message) } });
  const queue = bullQueue("default");
  const { queue: _queue, ...data } = delivery();
  await queue.addBulk([
    { name: "spam", data: { hello: "world" }, opts: { jobId: "spam-1" } },
    { name: "delivery", data, opts: { jobId: "retried-1" } },
  ]);
  const handed: string[] = [];
  await broker.consume(async ({ runId }) => void handed.push(runId), { queues: ["default"], concurrency: 1 });
  await until("the delivery was handed out", () => handed.length === 1);
  expect(handed).toEqual([data.runId]);
  await until("the other is gone", async () => (await queue.getJobCountByTypes("wait", "active", "completed", "failed")) === 0);
  expect(warnings).toEqual([expect.stringContaining("spam-1")]);
});

test("withdrawing takes back the one attempt, waiting or delayed, but not from under a worker", async () => {
  const broker = open();
  const [waiting, taken] = [delivery({ attempt: 7, queue: "a:b" }), delivery()];
  const delayed = { ...waiting, attempt: 8, runAt: Date.now() + later };
  await broker.dispatch([waiting, delayed]);
  expect(await broker.withdraw(waiting)).toBe(true);
  expect(await broker.missing([waiting, delayed])).toEqual([waiting]);
  expect(await broker.withdraw(delayed)).toBe(true);
  expect(await broker.withdraw(delayed)).toBe(false);
  const { opened, open: letGo } = gate();
  let begun = 0;
  await broker.consume(
    () => {
      begun += 1;
      return opened;
    },
    { queues: [], concurrency: 5 },
  );
  await broker.dispatch([taken]);
  await until("it is under way", () => begun === 1);
  expect(await broker.withdraw(taken)).toBe(false);
  expect(await broker.missing([taken])).toEqual([]);
  letGo();
});

test("many deliveries go out at once, and leave nothing behind but BullMQ's own marks", async () => {
  const broker = open();
  const runs = Array.from({ length: 2500 }, () => delivery());
  await broker.dispatch(runs);
  const handed = new Set<string>();
  const consumer = await broker.consume(async ({ runId }) => void handed.add(runId), { queues: [], concurrency: 1500 });
  await until("all were handed out", () => handed.size === runs.length);
  await consumer.stop();
  const keys = await redis().keys(`{${place.prefix}}*`);
  expect(keys.filter((key) => runs.some(({ runId }) => key.includes(runId)))).toEqual([]);
});

test("an option that will not do is refused, naming it", () => {
  for (const options of [{ prefix: "{x}" }, { prefix: "" }, { timeout: 0 }, { hold: 5 }, { hold: Number.NaN }, { together: 0 }, { together: 1.5 }])
    expect(() => bullmq(options)).toThrow(ConfigurationError);
  expect(() => bullmq({ hold: 5 })).toThrow(/hold.*100 or more.*5/);
});
