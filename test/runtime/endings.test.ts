import { expect, test } from "vitest";
import { z } from "zod";
import { StoreError } from "../../src/core/errors.ts";
import type { Store, Write } from "../../src/core/store.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { insertClaimed } from "../../src/testing/index.ts";
import { freshDatabase } from "../support/temp.ts";
import { gate, keptLog, openErrand, until } from "./fixture.ts";

const isEnd = (write: Write): boolean => "change" in write && write.change.patch.set?.state === "succeeded";

/** A store on a real file that keeps the ends of runs back until `held` opens, or refuses each as `refuse` says. */
function lateStore(held: Promise<void>, { refuse, onEnd }: { refuse?: () => Error | undefined; onEnd?: (count: number) => void } = {}): Store {
  const kept = sqlite(freshDatabase());
  return new Proxy(kept, {
    get(target, name) {
      if (name !== "write") return Reflect.get(target, name, target);
      return async (writes: readonly Write[]) => {
        const [others, ends] = [writes.filter((write) => !isEnd(write)), writes.filter(isEnd)];
        const written = others.length > 0 ? await target.write(others) : [];
        if (ends.length > 0) {
          onEnd?.(ends.length);
          await held;
        }
        const error = ends.length > 0 ? refuse?.() : undefined;
        const ended = error ? ends.map(() => error) : ends.length > 0 ? await target.write(ends) : [];
        return writes.map((write) => (isEnd(write) ? ended : written).shift());
      };
    },
  });
}

test("the next task begins while the end of the last one is being written, and no more of them than may be performed at once", async () => {
  const held = gate();
  const [two, four] = [gate(), gate()];
  let ending = 0;
  const onEnd = (count: number): void => {
    ending += count;
    if (ending === 2) two.open();
    if (ending === 4) four.open();
  };
  const errand = openErrand({ database: lateStore(held.opened, { onEnd }), broker: "database", worker: { concurrency: 2 } });
  const began: number[] = [];
  const task = errand.task({ name: "t", input: z.number(), run: (number) => began.push(number) && number });
  const runs = [await task.delay(1), await task.delay(2)];
  await two.opened;
  runs.push(await task.delay(3), await task.delay(4));
  await four.opened;
  // Two ends wait, and the two whose places are kept until they are written: the worker has come to a halt, however many come now.
  for (let number = 5; number <= 20; number++) runs.push(await task.delay(number));
  expect(began).toEqual([1, 2, 3, 4]);
  expect(await errand.get((runs[4] as (typeof runs)[0]).id)).toMatchObject({ state: "pending" });
  held.open();
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual(runs.map((_, index) => index + 1));
});

test("a worker that stops waits until the ends are written", async () => {
  const held = gate();
  const errand = openErrand({ database: lateStore(held.opened), broker: "database", worker: { concurrency: 5 } });
  const over = gate();
  const task = errand.task({ name: "t", run: () => over.open() });
  const run = await task.delay(null);
  await over.opened;
  const ended = run.ended();
  const closed = errand.close({ grace: 60_000 });
  held.open();
  await closed;
  expect(await ended).toMatchObject({ state: "succeeded", attempt: 1 });
});

test("an end that cannot be written at all is said, and the run is not performed in its place meanwhile", async () => {
  const log = keptLog();
  const refusals = gate();
  let refused = false;
  const refuse = () => {
    if (refused) return undefined;
    refused = true;
    refusals.open();
    return new StoreError("conflict", "Refused for the test.");
  };
  const errand = openErrand({ database: lateStore(Promise.resolve(), { refuse }), broker: "database", worker: { concurrency: 1 }, log });
  const task = errand.task({ name: "t", retries: 1, run: () => null });
  const run = await task.delay(null);
  await refusals.opened;
  const ended = await until(errand, run.id, ({ state }) => state === "succeeded");
  expect(ended.attempt).toBe(2);
  expect(log.said(/end of an attempt could not be recorded/).map(({ fields }) => fields.runId)).toEqual([run.id]);
});

test("a worker whose ends are all refused does not perform the queue at full speed", async () => {
  const refuse = () => new StoreError("conflict", "Refused for the test.");
  const errand = openErrand({ database: lateStore(Promise.resolve(), { refuse }), broker: "database", worker: { concurrency: 1 } });
  const times: number[] = [];
  const three = gate();
  const task = errand.task({
    name: "t",
    run: () => {
      if (times.push(performance.now()) === 3) three.open();
    },
  });
  for (let run = 1; run <= 5; run++) await task.delay(null);
  await three.opened;
  // The first two places rest for half a second each; a slow machine only makes it longer.
  expect((times[2] as number) - (times[0] as number)).toBeGreaterThan(400);
});

test("a run that cannot be mended keeps the sweep from none of the others", async () => {
  const kept = sqlite(freshDatabase());
  await kept.migrate();
  const [stuck, other] = [await insertClaimed(kept, { lease: 0, maxAttempts: 1 }), await insertClaimed(kept, { lease: 0, maxAttempts: 1 })];
  const database = new Proxy(kept, {
    get(target, name) {
      if (name !== "write") return Reflect.get(target, name, target);
      return async (writes: readonly Write[]) => {
        const all = await target.write(writes.filter((write) => !("change" in write && write.change.id === stuck.id)));
        return writes.map((write) => ("change" in write && write.change.id === stuck.id ? new StoreError("busy", "Locked for the test.") : all.shift()));
      };
    },
  });
  const log = keptLog();
  const errand = openErrand({ database, broker: "database", worker: false, sweepEvery: "20ms", log });
  await errand.start();
  expect(await until(errand, other.id, ({ state }) => state === "failed")).toMatchObject({ error: { code: "worker_lost" } });
  await expect.poll(() => log.said(/could not be mended/).some(({ fields }) => fields.runId === stuck.id)).toBe(true);
  expect(await errand.get(stuck.id)).toMatchObject({ state: "in_progress" });
});
