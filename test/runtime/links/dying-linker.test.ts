import { expect, test } from "vitest";
import { startProcess } from "../../support/process.ts";
import { freshDatabase } from "../../support/temp.ts";
import { openErrand } from "../fixture.ts";
import { type Calls, defineTasks, type Shape, shapes } from "./shapes.ts";

const script = new URL("./dying-linker.ts", import.meta.url);
const shape = shapes["a nested chord"] as Shape;
/** How many processes die, at calls that are evenly spread over all. */
const DEATHS = 12;
/** How many are looked at at the same time. */
const AT_ONCE = 3;

// What crashes.test.ts tries at every write, for a few with real processes, real leases and a real file.
test("linked runs whose process is killed are brought to their end by another one", { timeout: 120_000 }, async () => {
  const whole = startProcess(script, { args: [freshDatabase(), "0"] });
  const calls = Number(/^survived (\d+)/.exec(await whole.line(/^survived/))?.[1]);
  const deaths = Array.from({ length: DEATHS }, (_, index) => Math.round(((index + 1) * calls) / (DEATHS + 1)));
  expect(new Set(deaths).size).toBe(DEATHS);
  let killed = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let step = deaths.shift(); step !== undefined; step = deaths.shift()) if (await dieAndHeal(step)) killed += 1;
    }),
  );
  expect(killed).toBeGreaterThan(DEATHS / 2);
});

async function dieAndHeal(step: number): Promise<boolean> {
  const where = `killed at call ${step}`;
  const file = freshDatabase();
  const exit = await startProcess(script, { args: [file, String(step), step % 2 === 0 ? "before" : "after"] }).exited;
  expect(exit.code === 0 || exit.signal === "SIGKILL", `${where}: ${JSON.stringify(exit)}`).toBe(true);
  const calls: Calls = { made: [] };
  const errand = openErrand({ database: `file:${file}`, broker: "database", lease: "2s", sweepEvery: 100 });
  defineTasks(errand, calls);
  try {
    const [root] = await errand.list({ parent: null }, { limit: 9 });
    if (!root) return true; // It died before it had begun anything.
    expect(await errand.wait(root.id, { timeout: 30_000 }), where).toMatchObject({ state: shape.state, result: shape.result });
    const runs = await errand.list({}, { limit: 99 });
    expect([runs.length, runs.filter(({ state }) => state !== "succeeded")], where).toEqual([shape.runs, []]);
    expect(new Set(calls.made.map(({ runId, attempt }) => `${runId} ${attempt}`)).size, where).toBe(calls.made.length);
  } finally {
    await errand.close({ grace: 0 });
  }
  return exit.signal === "SIGKILL";
}
