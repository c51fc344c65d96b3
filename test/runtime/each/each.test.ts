import { expect, test } from "vitest";
import type { Each, EachResult, Errand, TaskContext, Write } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, gate, openErrand, until } from "../fixture.ts";

/** Runs a task that is one loop, and returns what became of it. */
async function loop(errand: Errand, use: (context: TaskContext) => Promise<EachResult>) {
  const task = errand.task({ name: "loop", run: (_, context) => use(context) });
  return task.delay(null);
}

async function* slowly<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  for (const item of items) yield item;
}

test.each<[string, (each: Each, visit: (item: number, at: { index: number }) => void) => Promise<EachResult>]>([
  ["an array", (each, visit) => each([10, 20, 30], visit)],
  ["a Set", (each, visit) => each(new Set([10, 20, 30]), visit)],
  ["a generator", (each, visit) => each([10, 20, 30].values(), visit)],
  ["an async generator", (each, visit) => each(slowly([10, 20, 30]), {}, visit)],
  ["a function that opens one", (each, visit) => each(() => slowly([10, 20, 30]), visit)],
  ["a function that promises one", (each, visit) => each(async () => [10, 20, 30], visit)],
  ["a function with a cursor", (each, visit) => each((from?: number) => [10, 20, 30].filter((item) => item > (from ?? 0)), { cursor: (item) => item }, visit)],
])("every item of %s is visited in order, with its place", async (_what, use) => {
  const seen: [number, number][] = [];
  const run = await loop(openErrand(), ({ each }) => use(each, (item, { index }) => void seen.push([item, index])));
  expect(await run.result()).toEqual({ done: 3, failed: 0, failures: [] });
  expect(seen).toEqual([
    [10, 0],
    [20, 1],
    [30, 2],
  ]);
});

test("the next item waits until the visit of one is over", async () => {
  const errand = openErrand();
  const go = gate();
  const seen: string[] = [];
  const task = errand.task({
    name: "t",
    run: (_, { each }) =>
      each(["a", "b"], async (item) => {
        seen.push(`begin ${item}`);
        if (item === "a") await go.opened;
        seen.push(`end ${item}`);
      }).then(() => null),
  });
  const run = await task.start(null);
  await until(errand, run.id, ({ state }) => state === "in_progress");
  go.open();
  await run.result();
  expect(seen).toEqual(["begin a", "end a", "begin b", "end b"]);
});

test.each<[string, number | undefined, (each: Each, visit: () => void) => Promise<EachResult>, string]>([
  ["an array's length is the total", undefined, (each, visit) => each([1, 2, 3, 4], visit), "4 of 4"],
  ["so is a Map's", undefined, (each, visit) => each(new Map([[1, 2]]), visit), "1 of 1"],
  ["a total that is given", undefined, (each, visit) => each(slowly([1, 2, 3]), { total: 3 }, visit), "3 of 3"],
  ["one that is computed", undefined, (each, visit) => each(slowly([1, 2, 3]), { total: async () => 3 }, visit), "3 of 3"],
  ["a total that was too high", undefined, (each, visit) => each(slowly([1, 2, 3]), { total: 5 }, visit), "3 of 5"],
  ["one that was too low is not passed", undefined, (each, visit) => each(slowly([1, 2, 3]), { total: 2 }, visit), "2 of 2"],
  ["steps that the task has calculated are not counted twice", 4, (each, visit) => each([1, 2, 3, 4], { total: 4 }, visit), "4 of 4"],
  ["a task with more steps than its loop keeps them", 9, (each, visit) => each([1, 2, 3, 4], visit), "4 of 9"],
  ["one with fewer gets more", 2, (each, visit) => each([1, 2, 3, 4], visit), "4 of 4"],
  ["items of unknown number are steps where the task has calculated some", 3, (each, visit) => each(slowly([1, 2]), visit), "2 of 3"],
  ["else nothing is counted", undefined, (each, visit) => each(slowly([1, 2, 3]), visit), "0 of 1"],
])("%s", async (_what, planned, use, steps) => {
  const task = openErrand().task({
    name: "t",
    ...(planned !== undefined && { calculateTotalSteps: () => planned }),
    run: async (_, { each }) => {
      await use(each, () => undefined);
      throw new Error("So that nothing rounds it up.");
    },
  });
  const { completedSteps, totalSteps } = (await task.delay(null)).run;
  expect(`${completedSteps} of ${totalSteps}`).toBe(steps);
});

test("two loops count their steps one after the other, and the count never falls", async () => {
  const errand = openErrand();
  const seen: number[] = [];
  const task = errand.task({
    name: "t",
    run: async (_, { each, status }) => {
      await each([1, 2, 3], { name: "first" }, () => undefined);
      await each([1, 2], { name: "second" }, () => status.setState("x"));
      throw new Error("So that nothing rounds it up.");
    },
  });
  const run = await task.start(null);
  const watching = await errand.watch(run.id, ({ completedSteps }) => void seen.push(completedSteps));
  expect(await run.ended()).toMatchObject({ completedSteps: 5, totalSteps: 5 });
  watching?.stop();
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
});

test("a cancel is noticed between two items, also by visits and sources that never wait", async () => {
  const errand = openErrand();
  let visits = 0;
  function* endless() {
    for (;;) yield 1;
  }
  const task = errand.task({ name: "t", run: (_, { each }) => each(endless(), () => void (visits += 1)).then(() => null) });
  const run = await task.start(null);
  await until(errand, run.id, ({ state }) => state === "in_progress");
  await run.cancel();
  expect(await run.ended()).toMatchObject({ state: "canceled" });
  const then = visits;
  await errand.get(run.id);
  expect(visits).toBe(then);
  expect(await errand.failures(run.id)).toEqual({ done: then, failed: 0, kept: 0, failures: [] });
});

test("a cancel in a visit ends it by its signal, and is no failure of the item", async () => {
  const errand = openErrand();
  const task = errand.task({
    name: "t",
    run: (_, { each }) =>
      each([1, 2], { onItemError: "record" }, async (_item, { signal }) => {
        await aborted(signal);
        throw new Error("What a canceled fetch throws.");
      }).then(() => null),
  });
  const run = await task.start(null);
  await until(errand, run.id, ({ state }) => state === "in_progress");
  await run.cancel();
  expect(await run.ended()).toMatchObject({ state: "canceled" });
  expect(await errand.failures(run.id)).toEqual({ done: 0, failed: 0, kept: 0, failures: [] });
});

test("a visit that goes on to its end in spite of a cancel counts as done", async () => {
  const errand = openErrand();
  const task = errand.task({
    name: "t",
    run: (_, { each }) => each([1, 2, 3], (_item, { signal }) => aborted(signal)).then(() => null),
  });
  const run = await task.start(null);
  await until(errand, run.id, ({ state }) => state === "in_progress");
  await run.cancel();
  expect(await run.ended()).toMatchObject({ state: "canceled", completedSteps: 1, totalSteps: 3 });
  expect(await errand.failures(run.id)).toMatchObject({ done: 1 });
});

test("a timeout in a visit is one of the run", async () => {
  const errand = openErrand();
  const task = errand.task({
    name: "t",
    timeout: 50,
    run: (_, { each }) =>
      each([1], { onItemError: "record" }, (_item, { signal }) => aborted(signal).then((reason) => Promise.reject(reason))).then(() => null),
  });
  const run = await task.delay(null);
  expect(run.run).toMatchObject({ state: "failed", error: { code: "timeout" } });
  expect(await errand.failures(run.id)).toMatchObject({ failed: 0 });
});

test("a source is closed when its loop ends early", async () => {
  const closed = gate<string>();
  async function* source() {
    try {
      yield 1;
      yield 2;
    } finally {
      closed.open("closed");
    }
  }
  const run = await loop(openErrand(), ({ each }) =>
    each(source(), () => {
      throw new Error("Broken.");
    }),
  );
  expect(run.run.state).toBe("failed");
  expect(await closed.opened).toBe("closed");
});

test.each<[string, (each: Each) => unknown, RegExp]>([
  ["a source that is none", (each) => each(3 as never, () => null), /each takes an iterable, an async iterable, or a function that opens one; not number\./],
  ["no visit", (each) => each([1], {}, undefined as never), /each takes what is to be done with an item as its last argument\./],
  ["an empty name", (each) => each([1], { name: "" }, () => null), /A loop's name must have 1 to 255 characters, but is ""\./],
  ["a cursor for a list", (each) => each([1] as never, { cursor: () => 1 }, () => null), /`cursor` goes with a source that is a function/],
  ["half an item", (each) => each([1], { total: 0.5 }, () => null), /The total of loop "items" must be a whole number of 0 or more, but is 0\.5\./],
  [
    "a wish that is none",
    (each) => each([1], { onItemError: "skip" as never }, () => null),
    /onItemError must be "record", "fail" or a function, but is "skip"\./,
  ],
  [
    "a cursor that is undefined",
    (each) =>
      each(
        () => [{ id: 1 }],
        { cursor: (item) => (item as { key?: number }).key as number },
        () => null,
      ),
    /The cursor of loop "items" is undefined: return where the item stands, such as its id\./,
  ],
  [
    "one that is too long",
    (each) =>
      each(
        () => [1],
        { cursor: () => "x".repeat(5000) },
        () => null,
      ),
    /has 5002 characters of JSON; at most 4096 are kept\./,
  ],
  [
    "a second loop of the same name",
    async (each) => {
      await each([1], () => null);
      await each([2], () => null);
    },
    /A loop named "items" was begun already in this attempt\./,
  ],
  [
    "more loops than are kept",
    async (each) => {
      for (let number = 0; number <= 100; number++) await each([1], { name: `loop ${number}` }, () => null);
    },
    /A run may have 100 loops; "loop 100" is one more\./,
  ],
])("%s is refused", async (_what, use, message) => {
  const refused = gate<unknown>();
  const errand = openErrand();
  const task = errand.task({
    name: "t",
    run: async (_, { each }) => {
      try {
        await use(each);
      } catch (error) {
        refused.open(error);
      }
    },
  });
  await task.delay(null);
  expect(String(await refused.opened)).toMatch(message);
});

test("many items make few writes, each with where the loop stands", async () => {
  const store = sqlite(freshDatabase());
  const write = store.write;
  const marks: unknown[] = [];
  Object.assign(store, {
    write: (writes: readonly Write[]) => {
      for (const each of writes) if ("change" in each && each.change.patch.set?.loops) marks.push(each.change.patch.set.loops.marks[0]?.visited);
      return write(writes);
    },
  });
  const begun = performance.now();
  await loop(openErrand({ database: store }), ({ each }) => each(Array.from({ length: 50_000 }), () => undefined));
  const took = performance.now() - begun;
  expect(marks.length).toBeLessThanOrEqual(took / 100 + 2);
  expect(marks.at(-1)).toBe(50_000);
});

test("a run asks for its loops only when one begins in a later attempt or in a rerun", async () => {
  const store = sqlite(freshDatabase());
  const asked: string[] = [];
  const ledger = new Proxy(store.ledger, {
    get(target, name) {
      asked.push(String(name));
      return (Reflect.get(target, name) as (...values: unknown[]) => unknown).bind(target);
    },
  });
  Object.assign(store, { ledger });
  const errand = openErrand({ database: store });
  const task = errand.task({
    name: "t",
    retries: { times: 1, delay: 0 },
    run: async (loops, { each, attempt }) => {
      if (loops === true) await each([1, 2], () => undefined);
      if (attempt === 1) throw new Error("Broken.");
    },
  });
  const plain = await task.delay(false);
  await (await errand.rerun(plain.id))?.ended();
  expect(asked).toEqual([]);
  const looped = await task.delay(true);
  expect(asked).toEqual(["loops"]);
  await (await errand.rerun(looped.id))?.ended();
  expect(asked).toEqual(["loops", "retries", "loops", "retries"]);
});

test("runs without a loop have nothing to tell of", async () => {
  const errand = openErrand();
  const run = await errand.task({ name: "t", run: () => null }).delay(null);
  expect(await errand.failures(run.id)).toEqual({ done: 0, failed: 0, kept: 0, failures: [] });
  expect(await errand.failures(errand.newRunId())).toBeNull();
  await expect(errand.failures(run.id, { limit: 1001 })).rejects.toThrow("limit must be a whole number from 0 to 1000, but is 1001.");
});
