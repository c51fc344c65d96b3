import { expect, test } from "vitest";
import { LeaseLostError } from "../../src/core/errors.ts";
import type { Store, TaskContext } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { freshDatabase } from "../support/temp.ts";
import { aborted, gate, keptLog, openErrand, untilEnded } from "./fixture.ts";

// A worker that lives, and still loses its lease: its renewals did not come through.

const LEASE = 2000;

/** A store whose leases cannot be renewed, and which no thread can reach to do it. `held`: nor can it say who holds what. */
function withoutRenewal(file: string, also: "held" | undefined = undefined) {
  const refuse = () => Promise.reject(new Error("cut off"));
  const cut: Partial<Store> = { renew: refuse, ...(also && { [also]: refuse }) };
  return new Proxy<Store>(sqlite(file), { get: (store, key) => (key === "address" ? undefined : Reflect.get(key in cut ? cut : store, key)) });
}

test("the attempt is told, can write no more, and the one that follows is left alone", async () => {
  const file = freshDatabase();
  const log = keptLog();
  const cut = openErrand({ database: withoutRenewal(file), storage: `file:${file}-files`, broker: "database", lease: LEASE, sweepEvery: "1h", log });
  const other = openErrand({ database: `file:${file}`, broker: "database", lease: LEASE, sweepEvery: 50 });
  const late = gate<{ reason: Error; errors: unknown[] }>();
  const second = gate();
  const go = gate();
  const options = {
    name: "t",
    retries: { times: 1, delay: 0 },
    run: async (_: unknown, { attempt, signal, status, artifacts }: TaskContext) => {
      if (attempt === 2) {
        second.open();
        await go.opened;
        await artifacts.text("from the second");
        return "second";
      }
      const reason = await aborted(signal);
      await second.opened;
      const calls = [
        async () => status.incrementCompletedSteps(),
        async () => status.setState("late"),
        async () => artifacts.text("late"),
        async () => artifacts.append("late.txt", "x"),
      ];
      late.open({ reason, errors: await Promise.all(calls.map((call) => call().catch((error: unknown) => error))) });
      return "first";
    },
  };
  const run = await cut.task(options).delay(null);
  await cut.wait(run.id, { timeout: 60_000, rev: 1 });
  other.task(options);
  await other.start();
  const { reason, errors } = await late.opened;
  expect(reason).toBeInstanceOf(LeaseLostError);
  expect(reason.message).toBe(`Attempt 1 of run ${run.id} lost its lease: another worker may hold the run now, so nothing more is written.`);
  for (const error of errors) expect(error).toBeInstanceOf(LeaseLostError);
  go.open();
  expect(await untilEnded(other, run.id)).toMatchObject({ state: "succeeded", result: "second", attempt: 2 });
  expect((await other.artifacts.list([run.id])).map(({ text }) => text)).toEqual(["from the second"]);
  expect(log.said(/Leases could not be renewed/).length).toBeGreaterThan(0);
}, 60_000);

test("an attempt that the store says nothing of is told too, when the same process takes the run again", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: withoutRenewal(file, "held"), storage: `file:${file}-files`, broker: "none", lease: LEASE, sweepEvery: 20 });
  const reasons: Error[] = [];
  const told = gate();
  const task = errand.task({
    name: "t",
    retries: { times: 1, delay: 0 },
    run: async (_, { attempt, signal }) => {
      if (attempt === 2) return told.opened.then(() => "second");
      reasons.push(await aborted(signal));
      told.open();
      return "first";
    },
  });
  const run = await task.start(null);
  expect(await run.ended()).toMatchObject({ state: expect.stringMatching(/succeeded|failed/) });
  expect(reasons).toEqual([expect.any(LeaseLostError)]);
}, 60_000);

test("two processes on one file never perform the same attempt", async () => {
  const database = `file:${freshDatabase()}`;
  const errands = [1, 2].map(() => openErrand({ database, broker: "database", worker: { concurrency: 5 } }));
  const performed: string[] = [];
  for (const errand of errands) {
    errand.task({
      name: "t",
      retries: { times: 1, delay: 0 },
      run: async (n, { runId, attempt }) => {
        performed.push(`${runId} ${attempt}`);
        if (attempt === 1 && Number(n) % 3 === 0) throw new Error("again");
        return n;
      },
    });
  }
  const starter = openErrand({ database, broker: "database", worker: false });
  const task = starter.task({ name: "t", retries: { times: 1, delay: 0 }, run: async (n) => n });
  await Promise.all(errands.map((errand) => errand.start()));
  const runs = await Promise.all(Array.from({ length: 60 }, (_, n) => task.delay(n)));
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual(Array.from({ length: 60 }, (_, n) => n));
  expect(performed).toHaveLength(80);
  expect(new Set(performed).size).toBe(80);
}, 60_000);
