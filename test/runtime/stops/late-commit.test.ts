import { expect, onTestFinished, test, vi } from "vitest";
import { StopWatch } from "../../../src/runtime/stops/stop-watch.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { insert, insertEnded } from "../../../src/testing/index.ts";
import { until } from "../../../src/testing/until.ts";
import { freshDatabase } from "../../support/temp.ts";
import { keptLog } from "../fixture.ts";

/** Longer than any look reaches back, ms. */
const LONG_AGO = 60_000;

test("a run whose end was committed long after the time that it bears is heard of when others name it, once", async () => {
  const store = sqlite(freshDatabase());
  await store.migrate();
  const told: string[] = [];
  const log = keptLog();
  const watch = new StopWatch(store, log, ({ id }) => void told.push(id));
  const late = await insertEnded(store, { ago: LONG_AGO });
  const goesOn = await insert(store);
  watch.wake([late.id, goesOn.id, "01a1fdc7-08b8-7133-9bd8-2c7116de1245"]);
  await until("it was told of", () => told.length > 0);
  watch.wake([late.id]);
  const soon = await insertEnded(store);
  watch.wake([late.id, soon.id]);
  await until("the other was told of", () => told.includes(soon.id));
  expect(told).toEqual([late.id, soon.id]);
  expect(log.lines).toEqual([]);
  await watch.stop();
  await store.close();
});

test.each([1, 4])("a store that answered only after an outage is asked again, for it reckoned back from its answer: %d times", async (times) => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const store = sqlite({ file: freshDatabase(), clock: () => 1_800_000_000_000 + Math.round(performance.now()) });
  await store.migrate();
  /** What passes each time that the store is asked, ms. */
  const away: number[] = [];
  let looks = 0;
  const slow = new Proxy(store, {
    get: (of, name) => {
      if (name !== "endedSince") return Reflect.get(of, name);
      return (...given: Parameters<typeof store.endedSince>) => {
        looks += 1;
        vi.advanceTimersByTime(away.shift() ?? 0);
        return store.endedSince(...given);
      };
    },
  });
  const told: string[] = [];
  const watch = new StopWatch(slow, keptLog(), ({ id }) => void told.push(id));
  vi.advanceTimersByTime(LONG_AGO);
  watch.wake();
  await until("it has looked", () => looks === 1);
  vi.advanceTimersByTime(1000);
  const ended = await insertEnded(store);
  vi.advanceTimersByTime(9000);
  away.push(...Array.from({ length: times }, () => 8000));
  watch.wake();
  await until("it has looked again", () => looks > times);
  watch.wake();
  await until("it was told of", () => told.length > 0);
  expect(told).toEqual([ended.id]);
  await watch.stop();
  await store.close();
});
