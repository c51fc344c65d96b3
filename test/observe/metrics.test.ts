import prometheus from "prom-client";
import { expect, test } from "vitest";
import { z } from "zod";
import { UserError } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { metrics } from "../../src/telemetry/metrics.ts";
import { insertClaimed } from "../../src/testing/fixtures.ts";
import { until } from "../../src/testing/until.ts";
import { aborted, gate, openErrand, untilEnded } from "../runtime/fixture.ts";
import { freshDatabase } from "../support/temp.ts";
import { scrape } from "./scrape.ts";
import { served } from "./served.ts";

async function watched(options: Parameters<typeof openErrand>[0] = {}) {
  const errand = openErrand(options);
  const { handler, stop } = metrics(errand, { register: new prometheus.Registry() });
  const origin = await served(handler);
  return { errand, stop, scraped: () => scrape(`${origin}/metrics`) };
}

test("runs are counted by task and how they ended, attempts by what they left, retries by why", async () => {
  const { errand, scraped } = await watched();
  const well = errand.task({ name: "well", input: z.number(), run: () => null });
  const badly = errand.task({
    name: "badly",
    retries: { times: 2, delay: 0 } as never,
    run: (_, { attempt }) => {
      if (attempt < 3) throw new Error("It broke.");
      throw new UserError("No.");
    },
  });
  await Promise.all([1, 2, 3].map((n) => well.delay(n)));
  await expect(well.delay("three" as never)).rejects.toThrow();
  const failed = await badly.start(null);
  await untilEnded(errand, failed.id);
  const found = await scraped();
  expect(found.get('errand_runs_started_total{task="well"}')).toBe(3);
  expect(found.get('errand_runs_refused_total{task="well"}')).toBe(1);
  expect(found.get('errand_runs_ended_total{task="well",state="succeeded"}')).toBe(3);
  expect(found.get('errand_runs_ended_total{task="badly",state="failed"}')).toBe(1);
  expect([...found.keys()].filter((name) => name.startsWith("errand_runs_ended_total"))).toHaveLength(2);
  expect(found.get('errand_attempts_total{task="well",state="succeeded"}')).toBe(3);
  expect(found.get('errand_attempts_total{task="badly",state="retrying"}')).toBe(2);
  expect(found.get('errand_attempts_total{task="badly",state="failed"}')).toBe(1);
  expect(found.get('errand_retries_total{task="badly",reason="failed"}')).toBe(2);
  expect(found.get('errand_attempts_under_way{task="well"}')).toBe(0);
  expect(found.get('errand_attempt_seconds_count{task="well"}')).toBe(3);
  expect(found.get('errand_wait_seconds_count{task="badly"}')).toBe(3);
});

test("what is under way and what waits is what there is now", async () => {
  const file = freshDatabase();
  const { errand, scraped } = await watched({ database: `file:${file}`, broker: "database", worker: { queues: ["fast"] } });
  const begun = gate();
  const task = errand.task({
    name: "held",
    run: async (_, { signal }) => {
      begun.open();
      throw await aborted(signal);
    },
  });
  const running = await task.start(null, { queue: "fast" });
  await begun.opened;
  await Promise.all([1, 2].map((n) => task.start(n, { queue: "slow" })));
  await task.start(3, { queue: "slow", runAt: new Date(Date.now() + 3_600_000) });
  const found = await scraped();
  expect(found.get('errand_attempts_under_way{task="held"}')).toBe(1);
  expect(found.get('errand_queue_running{queue="fast"}')).toBe(1);
  expect(found.get('errand_queue_waiting{queue="slow"}')).toBe(3);
  expect(found.get('errand_queue_oldest_seconds{queue="slow"}')).toBeGreaterThanOrEqual(0);
  expect(found.get("errand_workers")).toBe(1);
  expect(found.get("errand_store_up")).toBe(1);
  await errand.cancel(running.id);
  await untilEnded(errand, running.id);
  const later = await until("nothing is under way", async () => {
    const now = await scraped();
    return now.get('errand_attempts_under_way{task="held"}') === 0 && !now.has('errand_queue_running{queue="fast"}') && now;
  });
  expect(later.get('errand_runs_ended_total{task="held",state="canceled"}')).toBe(1);
  expect(later.get('errand_attempts_total{task="held",state="canceled"}')).toBe(1);
});

test("waiting time is counted from when a run was due, not from when it was delayed", async () => {
  const { errand, scraped } = await watched({ broker: "database" });
  const task = errand.task({ name: "later", run: () => null });
  const run = await task.start(null, { runAt: new Date(Date.now() + 1500) });
  const { started, runAt } = await untilEnded(errand, run.id);
  const sum = (await scraped()).get('errand_wait_seconds_sum{task="later"}');
  expect(sum).toBeCloseTo(((started as number) - runAt) / 1000, 6);
});

test("what the sweep mends is counted where it was mended", async () => {
  const store = sqlite(freshDatabase());
  await store.migrate();
  const { errand, scraped } = await watched({ database: store, broker: "database", worker: false, sweepEvery: "20ms" });
  const again = await insertClaimed(store, { task: "lost", maxAttempts: 2, lease: -1 });
  const last = await insertClaimed(store, { task: "lost", maxAttempts: 1, lease: -1 });
  await errand.start();
  await untilEnded(errand, last.id);
  const found = await until("both are mended", async () => {
    const now = await scraped();
    return now.get('errand_swept_total{kind="lease_expired"}') === 2 && now;
  });
  expect(found.get('errand_retries_total{task="lost",reason="swept"}')).toBe(1);
  expect(found.get('errand_runs_ended_total{task="lost",state="failed"}')).toBe(1);
  expect((await errand.get(again.id))?.state).toBe("retrying");
});

test("a store that is closed or away leaves the counters, and says so", async () => {
  const { errand, scraped } = await watched();
  const task = errand.task({ name: "once", run: () => null });
  await task.delay(null);
  await errand.close();
  const found = await scraped();
  expect(found.get("errand_store_up")).toBe(0);
  expect(found.get('errand_runs_ended_total{task="once",state="succeeded"}')).toBe(1);
  expect([...found.keys()].filter((name) => /^errand_(queue|workers)/.test(name))).toEqual([]);
});

test("labels are few, whatever queues and tasks there are", async () => {
  const { errand, scraped } = await watched({ broker: "database", worker: false });
  for (let n = 0; n < 230; n++) errand.task({ name: `task_${n}`, run: () => null });
  const many = errand.task({ name: "many", run: () => null });
  await Promise.all(Array.from({ length: 60 }, (_, n) => many.start(null, { queue: `tenant-${n}` })));
  const tasks = Array.from({ length: 230 }, (_, n) => errand.task({ name: `other_${n}`, run: () => null }));
  await Promise.all(tasks.map((task) => task.start(null)));
  const found = await scraped();
  const series = (name: string) => [...found.keys()].filter((key) => key.startsWith(`${name}{`));
  expect(series("errand_queue_waiting")).toHaveLength(51);
  expect(found.get('errand_queue_waiting{queue="default"}')).toBe(230);
  expect(found.get('errand_queue_waiting{queue="(other)"}')).toBe(11);
  expect(series("errand_runs_started_total")).toHaveLength(201);
  expect(found.get('errand_runs_started_total{task="(other)"}')).toBe(31);
});

test("it is registered once, and no more counted when it is stopped", async () => {
  const errand = openErrand();
  const register = new prometheus.Registry();
  const first = metrics(errand, { register });
  expect(metrics(errand, { register })).toBe(first);
  const task = errand.task({ name: "once", run: () => null });
  await task.delay(null);
  first.stop();
  await task.delay(null);
  expect(await register.metrics()).toContain('errand_runs_started_total{task="once"} 1\n');
});
