import { createErrand, group } from "errand";
import { defineTasks } from "../embedded/tasks.ts";
import { type Pair, rateLine } from "../measure.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";

const RUNS = 10_000;
const CONCURRENCY = 50;
/** Each takes seconds, so there are few. Odd, so that the median is one of them. */
const ROUNDS = 5;

/** From the first insert to the end of the last: a group of 10,000 runs that do nothing, and as many runs by themselves. */
export const groupRate: Measurement = {
  name: "group",
  async measure() {
    const pairs: Pair[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      // By turns, each on a file of its own, so that no side pays for the rows of the other.
      const [first, second] = round % 2 === 0 ? [linked, single] : [single, linked];
      const [one, other] = [await first(), await second()];
      if (round > 0) pairs.push(round % 2 === 0 ? { ours: one, reference: other } : { ours: other, reference: one });
    }
    return [rateLine("group", "children/s", pairs)];
  },
};

function linked(): Promise<number> {
  return perSecond(async ({ errand, noop }) => {
    const run = await (await group(Array.from({ length: RUNS }, () => noop.with(null))).start()).ended();
    if (run.state !== "succeeded" || run.completedSteps !== RUNS) throw new Error(`The group was ${run.state} with ${run.completedSteps} steps.`);
    if ((await errand.list({ parent: run.id, states: ["succeeded"] }, { limit: RUNS + 1 })).length !== RUNS) throw new Error("Not all children succeeded.");
  });
}

function single(): Promise<number> {
  return perSecond(async ({ errand, noop }) => {
    const runs = await Promise.all(Array.from({ length: RUNS }, () => noop.start(null)));
    await Promise.all(runs.map((run) => run.ended()));
    if ((await errand.list({ states: ["succeeded"] }, { limit: RUNS + 1 })).length !== RUNS) throw new Error("Not all runs succeeded.");
  });
}

interface Bench {
  readonly errand: ReturnType<typeof createErrand>;
  readonly noop: ReturnType<typeof defineTasks>["noop"];
}

async function perSecond(perform: (bench: Bench) => Promise<void>): Promise<number> {
  using scratch = new Scratch();
  const errand = createErrand({ database: `file:${scratch.file("errand.sqlite")}`, broker: "database", worker: { concurrency: CONCURRENCY } });
  const { noop } = defineTasks(errand);
  try {
    await errand.start();
    const begun = performance.now();
    await perform({ errand, noop });
    return (RUNS * 1000) / (performance.now() - begun);
  } finally {
    await errand.close();
  }
}
