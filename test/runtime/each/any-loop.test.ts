import fc from "fast-check";
import { expect, test } from "vitest";
import { type Each, type EachOptions, type EachResult, type Errand, type Json, UserError, type Write } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { openErrand } from "../fixture.ts";

interface Scenario {
  readonly items: number;
  readonly source: keyof typeof sources;
  /** Where attempt 1, 2, … breaks; further ones do not. */
  readonly breaks: readonly number[];
  /** Whether a visit is refused, by the place of the item plus the number of the attempt. */
  readonly refused: readonly boolean[];
  /** What becomes of writes of progress, in turn. */
  readonly writes: readonly ("done" | "refused" | "done, but nobody is told")[];
}

type Use = (each: Each, items: number, visit: (item: number, at: { index: number }) => void) => Promise<EachResult>;

const numbers = (from: number, items: number) => Array.from({ length: items - from }, (_, place) => from + place);
const options: EachOptions<number> = { total: () => 1 };
async function* slowly(items: readonly number[]): AsyncGenerator<number> {
  for (const item of items) yield item;
}

const sources = {
  array: (each, items, visit) => each(numbers(0, items), visit),
  generator: (each, items, visit) => each(numbers(0, items).values(), options, visit),
  stream: (each, items, visit) => each(slowly(numbers(0, items)), options, visit),
  place: (each, items, visit) => each((from: number | undefined) => slowly(numbers(from ?? 0, items)), visit),
  cursor: (each, items, visit) => each((from?: { past: number }) => numbers((from?.past ?? -1) + 1, items), { cursor: (past) => ({ past }) }, visit),
} satisfies Record<string, Use>;

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  items: fc.nat(9),
  source: fc.constantFrom(...(Object.keys(sources) as (keyof typeof sources)[])),
  breaks: fc.array(fc.nat(9), { maxLength: 4 }),
  refused: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  writes: fc.array(fc.constantFrom("done", "refused", "done, but nobody is told"), { minLength: 1, maxLength: 5 }),
});

/** What a loop over these places is to do: the visits of each attempt, and the places that end as failed. */
function expected({ breaks, refused }: Scenario, places: readonly number[]) {
  const attempts: number[][] = [];
  const failed: number[] = [];
  let next = 0;
  for (let attempt = 1; next < places.length || attempt === 1; attempt++) {
    const visits: number[] = [];
    attempts.push(visits);
    for (; next < places.length; next++) {
      const place = places[next] as number;
      visits.push(place);
      if (breaks[attempt - 1] === place) break;
      if (refused[(place + attempt) % refused.length]) failed.push(place);
    }
  }
  return { attempts, failed };
}

function openLoops() {
  let writes: Scenario["writes"] = ["done"];
  let nth = 0;
  const store = sqlite(freshDatabase());
  const write = store.write;
  Object.assign(store, {
    write: async (group: readonly Write[]) => {
      const isProgress = group.every((each) => "change" in each && each.change.patch.set?.state === undefined);
      const fate = isProgress ? writes[nth++ % writes.length] : "done";
      if (fate === "refused") throw new Error("The disk is away.");
      const results = await write(group);
      if (fate !== "done") throw new Error("The answer was lost.");
      return results;
    },
  });
  const errand = openErrand({ database: store });
  const visits: { attempt: number; index: number }[] = [];
  const task = errand.task({
    name: "loop",
    retries: { times: 4, delay: 0 },
    run: (input, { each, attempt }) => {
      const { source, items, breaks, refused } = input as unknown as Scenario;
      return sources[source](each, items, (item, { index }) => {
        expect(item).toBe(index);
        visits.push({ attempt, index });
        if (breaks[attempt - 1] === item) throw new Error("Broken.");
        if (refused[(item + attempt) % refused.length]) throw new UserError(`${item} is refused in attempt ${attempt}.`);
      });
    },
  });
  return {
    errand,
    begin: async (scenario: Scenario) => {
      ({ writes } = scenario);
      visits.length = 0;
      return (await task.delay(scenario as unknown as Json)).run;
    },
    /** The places that were visited since the last beginning, by attempt. */
    takeVisits: (attempts: number) =>
      Array.from({ length: attempts }, (_, place) => visits.filter(({ attempt }) => attempt === place + 1).map(({ index }) => index)),
    clear: () => void (visits.length = 0),
  };
}

async function failedPlaces(errand: Errand, runId: string) {
  const found = await errand.failures(runId);
  const failures = found?.failures ?? [];
  expect(found?.kept).toBe(failures.length);
  expect(failures.map(({ number }) => number)).toEqual(failures.map((_, place) => place + 1));
  return { done: found?.done, places: failures.map(({ index }) => index) };
}

test("whatever fails, breaks or is not written: every item passes once, failures are kept once, and a rerun of them does the same", async () => {
  const { errand, begin, takeVisits, clear } = openLoops();
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const places = numbers(0, scenario.items);
      const first = expected(scenario, places);
      const run = await begin(scenario);
      expect(run).toMatchObject({ state: "succeeded", attempt: first.attempts.length });
      expect(takeVisits(run.attempt)).toEqual(first.attempts);
      expect(await failedPlaces(errand, run.id)).toEqual({ done: places.length - first.failed.length, places: first.failed });
      if (first.failed.length === 0) return;
      clear();
      const second = expected(scenario, first.failed);
      const again = await (await errand.rerun(run.id, { only: "failed" }))?.ended();
      expect(again).toMatchObject({
        state: "succeeded",
        attempt: second.attempts.length,
        completedSteps: first.failed.length,
        totalSteps: first.failed.length,
      });
      expect(takeVisits(again?.attempt ?? 0)).toEqual(second.attempts);
      expect(await failedPlaces(errand, again?.id ?? "")).toEqual({ done: first.failed.length - second.failed.length, places: second.failed });
    }),
    { numRuns: 120 },
  );
}, 120_000);
