import fc from "fast-check";
import { expect, test } from "vitest";
import { deliveriesIn, deliveryId, jobsOf } from "../../src/brokers/bullmq/job.ts";
import type { Delivery } from "../../src/core/broker.ts";

const now = 1_800_000_000_000;

const deliveries = fc.uniqueArray(
  fc.record({
    runId: fc.uuid(),
    queue: fc.constant("default"),
    attempt: fc.integer({ min: 1, max: 5 }),
    priority: fc.oneof(fc.constantFrom(0, 1, -1), fc.integer({ min: -32_768, max: 32_767 })),
    runAt: fc.constantFrom(now - 1000, now, now + 1, now + 60_000),
  }),
  { selector: deliveryId, maxLength: 60 },
);

test("every delivery is in one job, as it was given; a job has one priority, and no more than may go together; what is not due goes alone", () => {
  fc.assert(
    fc.property(deliveries, fc.integer({ min: 1, max: 12 }), fc.boolean(), (given, together, isPutBack) => {
      const { jobs, bundled } = jobsOf(given, { now, together, isPutBack });
      const carried = jobs.map(({ data }) => deliveriesIn("default", JSON.parse(JSON.stringify(data))));
      const byId = (one: Delivery, other: Delivery) => deliveryId(one).localeCompare(deliveryId(other));
      expect(carried.flat().toSorted(byId)).toEqual(given.toSorted(byId));
      for (const [index, of] of carried.entries()) {
        const job = jobs[index] as (typeof jobs)[number];
        expect(of.length).toBeLessThanOrEqual(together);
        expect(new Set(of.map(({ priority }) => priority)).size).toBe(1);
        // What was in hand already is due, by whatever clock.
        const waits = !isPutBack && of.some(({ runAt }) => runAt > now);
        expect(job.opts.delay).toBe(waits ? (of[0] as Delivery).runAt - now : undefined);
        if (waits) expect(of).toHaveLength(1);
        if (of.length > 1) for (const one of of) expect(bundled).toContainEqual([deliveryId(one), job.opts.jobId]);
        else expect(job.opts.jobId).toBe(deliveryId(of[0] as Delivery));
      }
      expect(new Set(jobs.map(({ opts }) => opts.jobId)).size).toBe(jobs.length);
    }),
  );
});

test("a higher priority goes first, and what was put back goes before its like, but not before what is more urgent", () => {
  const rank = (priority: number, isPutBack: boolean) =>
    jobsOf([{ runId: "a", queue: "q", attempt: 1, priority, runAt: now }], { now, together: 8, isPutBack }).jobs[0]?.opts.priority as number;
  fc.assert(
    fc.property(fc.integer({ min: -32_767, max: 32_767 }), (priority) => {
      const order = [rank(priority, true), rank(priority, false), rank(priority - 1, true), rank(priority - 1, false)];
      expect(order).toEqual(order.toSorted((one, other) => one - other));
      expect(new Set(order).size).toBe(4);
      // BullMQ takes what has none before all others, and none above this.
      expect(order[0]).toBeGreaterThanOrEqual(1);
      expect(order[3]).toBeLessThanOrEqual(2 ** 21);
    }),
  );
});

test("what is no delivery is none", () => {
  for (const given of [null, undefined, 7, "x", {}, { runId: "a" }, { runId: 1, attempt: 1 }, { deliveries: {} }, { deliveries: [null, { runId: "a" }] }])
    expect(deliveriesIn("default", given)).toEqual([]);
});
