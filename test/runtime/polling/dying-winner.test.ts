import { expect, test } from "vitest";
import { startProcess } from "../../support/process.ts";
import { freshDatabase } from "../../support/temp.ts";
import { openPolling } from "./fixture.ts";

const script = new URL("./dying-winner.ts", import.meta.url);
/** How many deaths are looked at at the same time. */
const AT_ONCE = 4;

test("a winner killed at any of its steps leaves an address that heals, with one result", { timeout: 240_000 }, async () => {
  const whole = startProcess(script, { args: [freshDatabase(), "0"] });
  const steps = Number(/^survived (\d+)/.exec(await whole.line(/^survived/))?.[1]);
  expect(steps).toBeGreaterThan(5);
  const deaths = Array.from({ length: steps }, (_, index) => index + 1).flatMap((step) => [`before ${step}`, `after ${step}`]);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let death = deaths.shift(); death !== undefined; death = deaths.shift()) await dieAndHeal(death);
    }),
  );
});

async function dieAndHeal(death: string): Promise<void> {
  const [when = "", step = ""] = death.split(" ");
  const file = freshDatabase();
  const exit = await startProcess(script, { args: [file, step, when] }).exited;
  // Where two calls race, the last step may not come: then there was nothing to heal.
  expect(exit.code === 0 || exit.signal === "SIGKILL", `${death}: ${JSON.stringify(exit)}`).toBe(true);
  await heals(file, `killed ${death}`);
}

async function heals(file: string, where: string): Promise<void> {
  const { errand, polling, add } = openPolling(file, { lease: "5s", sweepEvery: 100 });
  try {
    const ask = () => polling.ask(add, { pollingUrl: "/add/3/5/", input: () => ({ x: 3, y: 5 }), backoff: 0 });
    for (let answer = await ask(); answer.kind !== "fresh"; answer = await ask()) await errand.wait(answer.run.id, { timeout: 20_000 });
    expect(await polling.getProcessResult({ pollingUrl: "/add/3/5/" }), where).toBe(8);
    const runs = await errand.list({}, { limit: 10 });
    expect(
      runs.filter(({ state }) => state === "succeeded"),
      where,
    ).toHaveLength(1);
    expect(
      runs.filter(({ ended }) => ended === null),
      where,
    ).toHaveLength(0);
  } finally {
    await errand.close({ grace: 0 });
  }
}
