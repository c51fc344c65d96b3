import { expect, test } from "vitest";
import { type Each, type EachResult, type Errand, type ErrandOptions, UserError } from "../../../src/index.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, gate, openErrand, until, untilEnded } from "../fixture.ts";

const ITEMS = [10, 20, 30, 40, 50, 60];

async function* slowly<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  for (const item of items) yield item;
}

type Use = (each: Each, visit: (item: number, at: { index: number }) => unknown) => Promise<EachResult>;

/** What each kind of source is asked to bring in a second attempt, after three items. */
const sources: [string, Use, unknown][] = [
  ["an array", (each, visit) => each(ITEMS, visit), undefined],
  ["a Set", (each, visit) => each(new Set(ITEMS), visit), undefined],
  ["an async generator", (each, visit) => each(slowly(ITEMS), { total: 6 }, visit), undefined],
];

test.each(sources)("%s goes on behind the items that were visited", async (_what, use) => {
  const errand = openErrand();
  const seen: string[] = [];
  const task = errand.task({
    name: "t",
    retries: { times: 1, delay: 0 },
    run: (_, { each, attempt }) =>
      use(each, (item, { index }) => {
        if (attempt === 1 && index === 3) throw new Error("Broken.");
        seen.push(`${attempt}: ${item} at ${index}`);
      }),
  });
  const run = await task.delay(null);
  expect(seen).toEqual(["1: 10 at 0", "1: 20 at 1", "1: 30 at 2", "2: 40 at 3", "2: 50 at 4", "2: 60 at 5"]);
  expect(await run.result()).toEqual({ done: 6, failed: 0, failures: [] });
  expect(run.run).toMatchObject({ attempt: 2, completedSteps: 6, totalSteps: 6 });
});

test("a source that begins where it is told is told so: the number of items, or the last one's cursor", async () => {
  const errand = openErrand();
  const asked: unknown[] = [];
  const task = errand.task({
    name: "t",
    retries: { times: 1, delay: 0 },
    run: async (_, { each, attempt }) => {
      const stopAt = (stop: number) => (item: number) => {
        if (attempt === 1 && item === stop) throw new Error("Broken.");
      };
      const ask = <From>(from: From): From => {
        asked.push(from);
        return from;
      };
      const byPlace = each((from: number | undefined) => ITEMS.slice(ask(from) ?? 0), { name: "place" }, stopAt(40));
      const byKey = each(
        (from?: { id: number }) => {
          const after = ask(from)?.id ?? 0;
          return slowly(ITEMS.filter((item) => item > after));
        },
        { name: "key", cursor: (id) => ({ id }) },
        stopAt(50),
      );
      const results = await Promise.allSettled([byPlace, byKey]);
      for (const result of results) if (result.status === "rejected") throw result.reason;
      return results.map((result) => (result as PromiseFulfilledResult<EachResult>).value) as never;
    },
  });
  const run = await task.delay(null);
  expect(asked).toEqual([undefined, undefined, 3, { id: 40 }]);
  const whole = { done: 6, failed: 0, failures: [] };
  expect(await run.result()).toEqual([whole, whole]);
});

test("a new attempt begins with the steps of the one before, and never goes back", async () => {
  const errand = openErrand();
  const [broken, go] = [gate(), gate()];
  const seen: [number, number, number][] = [];
  const task = errand.task({
    name: "t",
    retries: { times: 1, delay: 0 },
    run: (_, { each, attempt }) =>
      each(ITEMS, async (item) => {
        if (item !== 50) return;
        if (attempt === 1) throw new Error("Broken.");
        broken.open();
        await go.opened;
      }).then(() => null),
  });
  const run = await task.start(null);
  const watching = await errand.watch(run.id, ({ attempt, completedSteps, totalSteps }) => void seen.push([attempt, completedSteps, totalSteps]));
  await broken.opened;
  await until(errand, run.id, ({ attempt, completedSteps }) => attempt === 2 && completedSteps === 4);
  go.open();
  await run.result();
  watching?.stop();
  for (const attempt of [1, 2]) {
    const steps = seen.filter(([nth]) => nth === attempt).map(([, completed]) => completed);
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
  }
  expect(seen.filter(([attempt, , total]) => attempt === 2 && total === 6).map(([, completed]) => completed)[0]).toBe(4);
});

test("a loop that has ended is not begun again, and still says how it went", async () => {
  const errand = openErrand();
  let opened = 0;
  const results: EachResult[] = [];
  const task = errand.task({
    name: "t",
    retries: { times: 1, delay: 0 },
    run: async (_, { each, attempt }) => {
      const first = each(
        () => {
          opened += 1;
          return ITEMS;
        },
        { name: "first", total: 6 },
        (item) => {
          if (item === 20) throw new UserError("Not 20.");
        },
      );
      results.push(await first);
      await each([1, 2], { name: "second" }, (item) => {
        if (attempt === 1 && item === 2) throw new Error("Broken.");
      });
      return null;
    },
  });
  const run = await task.delay(null);
  expect(opened).toBe(1);
  expect(results[0]).toEqual({ done: 5, failed: 1, failures: [expect.objectContaining({ loop: "first", index: 1, message: "Not 20." })] });
  expect(results[1]).toEqual(results[0]);
  expect(run.run).toMatchObject({ state: "succeeded", attempt: 2, completedSteps: 8, totalSteps: 8 });
});

test("with cursor: false every attempt begins anew, and so does the list of what failed", async () => {
  const errand = openErrand();
  const seen: string[] = [];
  const task = errand.task({
    name: "t",
    retries: { times: 2, delay: 0 },
    run: (_, { each, attempt }) =>
      each(["a", "b", "c"], { cursor: false }, (item) => {
        seen.push(`${attempt}${item}`);
        if (item === "a" && attempt < 3) throw new UserError(`Refused in attempt ${attempt}.`);
        if (item === "b" && attempt === 3) throw new UserError("Refused at last.");
        if (item === "c" && attempt < 3) throw new Error("Broken.");
      }),
  });
  const run = await task.delay(null);
  expect(seen.join(" ")).toBe("1a 1b 1c 2a 2b 2c 3a 3b 3c");
  const failure = { number: 3, loop: "items", index: 1, label: "#2", message: "Refused at last.", columns: null };
  expect(await run.result()).toEqual({ done: 2, failed: 1, failures: [failure] });
  expect(await errand.failures(run.id)).toEqual({ done: 2, failed: 1, kept: 1, failures: [failure] });
  expect(run.run).toMatchObject({ attempt: 3, completedSteps: 3, totalSteps: 3 });
});

test("the failures of earlier attempts are among those returned, once", async () => {
  const errand = openErrand();
  const task = errand.task({
    name: "t",
    retries: { times: 3, delay: 0 },
    run: (_, { each, attempt }) =>
      each(ITEMS, (item) => {
        if (item / 10 === attempt * 2) throw new Error("Broken.");
        if (item % 20 === 10) throw new UserError(`${item} is refused.`);
      }),
  });
  const run = await task.delay(null);
  expect(run.run).toMatchObject({ state: "succeeded", attempt: 4 });
  const { failures } = (await run.result()) as EachResult;
  expect(failures.map(({ number, index }) => [number, index])).toEqual([
    [1, 0],
    [2, 2],
    [3, 4],
  ]);
  expect((await errand.failures(run.id))?.failures).toEqual(failures);
});

test.each(["none", "database"])("with the broker %s, what a deploy interrupts goes on behind the last item, at no cost of an attempt", async (broker) => {
  const database = `file:${freshDatabase()}`;
  const seen: string[] = [];
  const half = gate();
  const define = (errand: Errand, stop: boolean) =>
    errand.task({
      name: "t",
      run: (_, { each, attempt }) =>
        each(ITEMS, async (item, { signal }) => {
          seen.push(`${attempt}: ${item}`);
          if (item === 20) throw new UserError("Not 20.");
          if (!stop || item !== 40) return;
          half.open();
          throw await aborted(signal);
        }),
    });
  const open = (options: ErrandOptions = {}) => openErrand({ database, broker, ...options });
  const first = open();
  const run = await define(first, true).start(null);
  await half.opened;
  await first.close({ grace: 0 });
  const second = open({ lease: "2s", sweepEvery: "50ms" });
  define(second, false);
  expect(await second.get(run.id)).toMatchObject({ state: "retrying", completedSteps: 3, totalSteps: 6 });
  await second.start();
  expect(await untilEnded(second, run.id)).toMatchObject({ state: "succeeded", attempt: 2, completedSteps: 6, totalSteps: 6 });
  expect(seen).toEqual(["1: 10", "1: 20", "1: 30", "1: 40", "2: 40", "2: 50", "2: 60"]);
  expect(await second.failures(run.id)).toMatchObject({ done: 5, failed: 1, failures: [{ index: 1 }] });
});

/** A loop over all items, whose process is closed while one is visited; it may take the whole grace. */
async function closeWithin(broker: string, cursor: false | undefined) {
  const database = `file:${freshDatabase()}`;
  const seen: string[] = [];
  const third = gate();
  const define = (errand: Errand) =>
    errand.task({
      name: "t",
      run: (_, { each, attempt }) =>
        each(ITEMS, cursor === false ? { cursor } : {}, async (item) => {
          seen.push(`${attempt}: ${item}`);
          if (seen.length !== 3) return;
          void errand.close({ grace: "1h" });
          third.open();
          await new Promise((turn) => setImmediate(turn));
        }),
    });
  const first = openErrand({ database, broker });
  const run = await define(first).start(null);
  await third.opened;
  await first.close(); // Resolves when the close that was begun is over.
  const second = openErrand({ database, broker, lease: "2s", sweepEvery: "50ms" });
  define(second);
  const then = await second.get(run.id);
  expect((await untilEnded(second, run.id)).state).toBe("succeeded");
  return { seen, then };
}

test("a worker that shuts down hands a loop over between two items: none is repeated, and nobody waits for its end", async () => {
  const { seen, then } = await closeWithin("database", undefined);
  expect(then).toMatchObject({ attempt: 1, completedSteps: 3, totalSteps: 6 });
  expect(seen).toEqual(["1: 10", "1: 20", "1: 30", "2: 40", "2: 50", "2: 60"]);
});

test.each([
  ["one that would begin anew", "database", false as const],
  ["one that nobody else could go on with", "none", undefined],
])("%s may use the grace", async (_what, broker, cursor) => {
  const { seen, then } = await closeWithin(broker, cursor);
  expect(then).toMatchObject({ state: "succeeded", attempt: 1 });
  expect(seen).toHaveLength(6);
});

test("an attempt whose time is up is followed by one behind its items; what it does later is written nowhere", async () => {
  const file = freshDatabase();
  const options = { database: `file:${file}`, broker: "database", lease: 2000, sweepEvery: 100 };
  const [stuck, go, lost] = [gate(), gate(), gate<Error>()];
  const seen: string[] = [];
  const define = (errand: Errand, first: boolean) =>
    errand.task({
      name: "t",
      retries: { times: 1, delay: 0 },
      timeout: first ? 400 : "1h",
      run: (_, { each, attempt }) =>
        each(ITEMS, async (item, { signal }) => {
          seen.push(`${attempt}: ${item}`);
          if (attempt === 2 || item !== 20) return;
          stuck.open();
          lost.open(await aborted(signal));
          await go.opened;
          throw new UserError("Too late.");
        }),
    });
  const errand = openErrand(options);
  const run = await define(errand, true).delay(null);
  await stuck.opened;
  expect(await untilEnded(errand, run.id)).toMatchObject({ state: "succeeded", attempt: 2 });
  await lost.opened;
  expect(seen).toEqual(["1: 10", "1: 20", "2: 20", "2: 30", "2: 40", "2: 50", "2: 60"]);
  go.open();
  expect(await errand.failures(run.id)).toMatchObject({ done: 6, failed: 0, kept: 0 });
});
