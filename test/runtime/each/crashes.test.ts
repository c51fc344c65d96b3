import { expect, test } from "vitest";
import { isEnded, type Run } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { startProcess } from "../../support/process.ts";
import { freshDatabase } from "../../support/temp.ts";
import { untilEnded } from "../fixture.ts";
import { FAILING, ITEMS, openLoop, visitsIn } from "./crash-loop.ts";

const script = new URL("./dying-loop.ts", import.meta.url);
/** How many deaths are looked at at the same time. */
const AT_ONCE = 6;

/** The places that are to be visited. */
const all = Array.from({ length: ITEMS }, (_, index) => index);

test.each([
  ["loop", all, ["before", "after"]],
  // What stands before a step stands after the last one too.
  ["rerun", FAILING, ["after"]],
])(
  "a %s whose process is killed at any of its steps goes on behind the durable cursor, and keeps each failure once",
  { timeout: 240_000 },
  async (what, places, moments) => {
    const whole = startProcess(script, { args: [freshDatabase(), "0", "before", what] });
    const steps = Number(/^survived (\d+)/.exec(await whole.line(/^survived/))?.[1]);
    expect(steps).toBeGreaterThan(6);
    const deaths = Array.from({ length: steps }, (_, index) => index + 1).flatMap((step) => moments.map((when) => `${when} ${step}`));
    const resumed: number[] = [];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let death = deaths.shift(); death !== undefined; death = deaths.shift()) resumed.push(await dieAndGoOn(death, what, places));
      }),
    );
    // Some deaths left a cursor in the middle: else this would have tried little.
    expect(resumed.filter((visited) => visited > 0 && visited < places.length).length).toBeGreaterThan(1);
  },
);

/** How many items were durably behind the run when its process died. */
async function dieAndGoOn(death: string, what: string, places: readonly number[]): Promise<number> {
  const [when = "", step = ""] = death.split(" ");
  const file = freshDatabase();
  const exit = await startProcess(script, { args: [file, step, when, what] }).exited;
  // The last steps may not come when the writes of one process fell together: then there was nothing to heal.
  expect(exit.code === 0 || exit.signal === "SIGKILL", `${death}: ${JSON.stringify(exit)}`).toBe(true);
  const store = sqlite(file);
  await store.migrate();
  const [run] = (await store.list({}, { limit: 9 })).filter(({ rerunOf }) => (what === "rerun") === (rerunOf !== null));
  const visited = run ? ((await store.ledger.loops(run.id))?.marks[0]?.visited ?? 0) : 0;
  await store.close();
  if (run) await goesOn(file, run, visited, places, `killed ${death}`);
  return visited;
}

async function goesOn(file: string, run: Run, visited: number, places: readonly number[], where: string): Promise<void> {
  // Whoever goes on must not lose the run too, however busy the machine is.
  const { errand } = openLoop(file, { sweepEvery: 100, lease: "5s" });
  try {
    await errand.start();
    const ended = await untilEnded(errand, run.id);
    expect(ended, where).toMatchObject({ state: "succeeded", completedSteps: places.length, totalSteps: places.length });
    const visits = visitsIn(file).filter(({ runId }) => runId === run.id);
    expect([...new Set(visits.map(({ index }) => index))].sort(), where).toEqual(places);
    // The next attempt visits what is not durably behind it, and nothing else.
    if (ended.attempt > run.attempt && !isEnded(run.state)) {
      const again = visits.filter(({ attempt }) => attempt > run.attempt).map(({ index }) => index);
      expect(again, where).toEqual(places.slice(visited));
    }
    const { done, failed, failures } = (await errand.failures(run.id)) ?? { failures: [] };
    const failing = places.filter((place) => FAILING.includes(place));
    expect([done, failed], where).toEqual([places.length - failing.length, failing.length]);
    expect(
      failures.map(({ index }) => index),
      where,
    ).toEqual(failing);
  } finally {
    await errand.close({ grace: 0 });
  }
}
