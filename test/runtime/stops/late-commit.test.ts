import { expect, test } from "vitest";
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
