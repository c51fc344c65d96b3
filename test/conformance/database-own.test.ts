import { afterEach, expect, test, vi } from "vitest";
import { database } from "../../src/brokers/database.ts";
import type { Store } from "../../src/core/store.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { claim, insert } from "../../src/testing/index.ts";
import { until } from "../../src/testing/until.ts";
import { freshDatabase } from "../support/temp.ts";

afterEach(() => vi.useRealTimers());

/** A broker that hears of the store's changes through `tell`, and tells of each of its looks. */
async function watched(clock: () => number) {
  const store = sqlite({ file: freshDatabase(), clock });
  await store.migrate();
  let tell = () => {};
  let looks = 0;
  const watch: Store["watch"] = (onChange) => {
    tell = onChange;
    return () => {};
  };
  const due: Store["due"] = (options) => {
    looks += 1;
    return store.due(options);
  };
  const broker = database({ store: Object.assign(Object.create(store) as Store, { watch, due }) });
  const handed: string[] = [];
  await broker.consume?.(
    async ({ runId }) => {
      handed.push(runId);
      const [run] = await store.get([runId]);
      if (run) await claim(store, run);
    },
    { queues: [], concurrency: 2 },
  );
  /** Once it has looked again since this call, and rests. */
  const rested = (since = looks) => until("the consumer has looked and rests", () => looks > since && vi.getTimerCount() === 1);
  return { store, handed, rested, tell: () => tell(), looks: () => looks, close: () => broker.close().then(() => store.close()) };
}

test("the consumer looks when the store tells of another process's write, not only when its rest is over", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { store, handed, rested, tell, close } = await watched(Date.now);
  await rested(0);
  const run = await insert(store);
  tell();
  await until("the run was handed out", () => handed.length > 0);
  expect(handed).toEqual([run.id]);
  await close();
});

test("the consumer looks when the next run comes due, and when its rest is over", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let now = 1_000_000;
  const { store, handed, rested, tell, looks, close } = await watched(() => now);
  await rested(0);
  const soon = await insert(store, { runAt: { fromNow: 300 } });
  let before = looks();
  tell();
  await rested(before);
  now += 300;
  vi.advanceTimersByTime(299);
  expect(handed).toEqual([]);
  before = looks();
  vi.advanceTimersByTime(1);
  await until("the run was handed out", () => handed.length > 0);
  expect(handed).toEqual([soon.id]);
  await rested(before);
  const untold = await insert(store);
  vi.advanceTimersByTime(1000);
  await until("the run that nobody told of was handed out", () => handed.length > 1);
  expect(handed).toEqual([soon.id, untold.id]);
  await close();
});
