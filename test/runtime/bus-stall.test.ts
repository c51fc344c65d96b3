import { expect, onTestFinished, test, vi } from "vitest";
import type { Run } from "../../src/index.ts";
import { Bus } from "../../src/runtime/bus.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { insert } from "../../src/testing/index.ts";
import { freshDatabase } from "../support/temp.ts";
import { keptLog } from "./fixture.ts";

test("a reading that was stalled for a minute is not followed by minutes of deafness", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const file = freshDatabase();
  const [here, elsewhere] = [sqlite(file), sqlite(file)];
  await here.migrate();
  const run = await insert(elsewhere);
  let readings = 0;
  const stalled = new Proxy(here, {
    get: (of, name) => {
      if (name !== "get") return Reflect.get(of, name).bind(of);
      return (ids: readonly string[]) => {
        readings += 1;
        if (readings === 1) vi.advanceTimersByTime(60_000);
        return here.get(ids);
      };
    },
  });
  const bus = new Bus(stalled, keptLog());
  const heard: number[] = [];
  const next = (rev: number) =>
    new Promise<Run>((resolve) => {
      const stop = bus.subscribe(run.id, (seen) => {
        heard.push(seen.rev);
        if (seen.rev < rev) return;
        stop();
        resolve(seen);
      });
    });
  bus.open();
  for (const name of ["first", "second"]) {
    const soon = next(name === "first" ? 2 : 3);
    await elsewhere.write([{ change: { id: run.id, guard: { states: ["pending"] }, patch: { set: { name } } } }]);
    expect(await soon).toMatchObject({ name });
  }
  bus.close();
  await here.close();
  await elsewhere.close();
});
