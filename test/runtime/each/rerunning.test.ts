import { expect, test } from "vitest";
import { type Each, type EachResult, type EachVisit, type Errand, NoFailedItemsError, RunNotEndedError, UserError } from "../../../src/index.ts";
import { gate, openErrand, until } from "../fixture.ts";

const LETTERS = ["a", "b", "c", "d", "e"];

interface Row {
  readonly id: number;
  readonly mail: string;
}

class Stamp {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

/** A task of one loop; the visits of each of its runs by what is visited and where. */
function visiting<Item>(errand: Errand, use: (each: Each, visit: (item: Item, at: EachVisit) => void) => Promise<EachResult>, fails: (item: Item) => boolean) {
  const visits: string[][] = [];
  const task = errand.task({
    name: "t",
    run: (_, { each }) => {
      const seen: string[] = [];
      visits.push(seen);
      return use(each, (item, { index }) => {
        seen.push(`${JSON.stringify(item)} at ${index}`);
        if (fails(item)) throw new UserError("Refused.");
      });
    },
  });
  return { task, visits };
}

test.each<[string, (each: Each, visit: (item: string, at: EachVisit) => void) => Promise<EachResult>]>([
  ["an array", (each, visit) => each(LETTERS, visit)],
  ["an iterator", (each, visit) => each(LETTERS.values(), visit)],
  ["a function that begins at a place", (each, visit) => each((from = 0) => LETTERS.slice(from), { total: 5 }, visit)],
  [
    "a function that begins at a cursor",
    (each, visit) => each((from?: string) => LETTERS.filter((letter) => letter > (from ?? "")), { cursor: (letter) => letter }, visit),
  ],
])("of %s, only what failed is visited, at its place, with its steps, for the same owner", async (_what, use) => {
  const errand = openErrand();
  const { task, visits } = visiting(errand, use, (letter) => letter === "b" || letter === "c" || letter === "e");
  const run = await task.delay(null, { owner: "u1", name: "Letters" });
  const again = await errand.rerun(run.id, { only: "failed" });
  expect(again?.run).toMatchObject({ rerunOf: run.id, owner: "u1", name: "Letters", completedSteps: 0, totalSteps: 3 });
  expect(await again?.result()).toMatchObject({ done: 0, failed: 3 });
  expect(visits).toEqual([LETTERS.map((letter, index) => `"${letter}" at ${index}`), ['"b" at 1', '"c" at 2', '"e" at 4']]);
  expect(again?.run).toMatchObject({ completedSteps: 3, totalSteps: 3 });
  expect((await errand.failures(again?.id as string))?.failures.map(({ label }) => label)).toEqual(["#2", "#3", "#5"]);
  const third = await errand.rerun(again?.id as string, { only: "failed" });
  await third?.result();
  expect(visits[2]).toEqual(visits[1]);
  const whole = await errand.rerun(again?.id as string);
  await whole?.result();
  expect(visits[3]).toEqual(visits[0]);
});

test("with a cursor an item is visited as it is now, and one that is gone is said to be", async () => {
  const errand = openErrand();
  const rows = new Map<number, Row>([1, 2, 3, 4, 5].map((id) => [id, { id, mail: "" }]));
  const seen: Row[] = [];
  const task = errand.task({
    name: "t",
    run: (_, { each }) =>
      each(
        (from?: number) => [...rows.values()].filter(({ id }) => id > (from ?? 0)).sort((one, other) => one.id - other.id),
        { cursor: ({ id }) => id, label: ({ id }) => `Row ${id}`, columns: ({ id }) => ({ id }) },
        (row) => {
          seen.push(row);
          if (row.mail === "") throw new UserError("The e-mail address is missing.");
        },
      ),
  });
  const run = await task.delay(null);
  rows.set(2, { id: 2, mail: "two@example.org" });
  rows.delete(3);
  rows.delete(5);
  seen.length = 0;
  const again = await errand.rerun(run.id, { only: "failed" });
  expect(await again?.result()).toMatchObject({ done: 1, failed: 4 });
  // What the source brings in the place of the third is another one.
  expect(seen).toEqual([rows.get(1), rows.get(2), rows.get(4)]);
  const failures = (await errand.failures(again?.id as string))?.failures ?? [];
  expect(failures.map(({ label, message, columns }) => [label, errand.render(message, "en"), columns])).toEqual([
    ["Row 1", "The e-mail address is missing.", { id: 1 }],
    ["Row 3", "This is not there any more.", null],
    ["Row 4", "The e-mail address is missing.", { id: 4 }],
    ["Row 5", "This is not there any more.", null],
  ]);
  rows.set(3, { id: 3, mail: "three@example.org" });
  const third = await errand.rerun(again?.id as string, { only: "failed" });
  expect(await third?.result()).toMatchObject({ done: 1, failed: 3 });
});

test("without one, a small item is visited as it was; others are looked for at their place", async () => {
  const errand = openErrand();
  let items: unknown[] = ["small", "x".repeat(5000), new Stamp(1), undefined, "never fails"];
  const { task, visits } = visiting<unknown>(
    errand,
    (each, visit) => each(items.values(), { total: () => items.length }, visit),
    (item) => item !== "never fails",
  );
  const run = await task.delay(null);
  items = ["other", "y".repeat(5000), new Stamp(2)];
  const again = await errand.rerun(run.id, { only: "failed" });
  expect(await again?.result()).toMatchObject({ done: 0, failed: 4 });
  expect(visits[1]).toEqual(['"small" at 0', `"${"y".repeat(5000)}" at 1`, '{"id":2} at 2']);
  expect((await errand.failures(again?.id as string))?.failures.at(-1)).toMatchObject({ index: 3, message: { key: "run.item_gone" } });
});

test("each loop gets its own failed items; one without any visits nothing", async () => {
  const errand = openErrand();
  const seen: string[] = [];
  const task = errand.task({
    name: "t",
    run: async (_, { each }) => {
      for (const name of ["one", "two", "three"]) {
        await each([1, 2, 3], { name }, (item) => {
          seen.push(`${name} ${item}`);
          if ((name === "one" && item > 1) || (name === "three" && item === 3)) throw new UserError("Refused.");
        });
      }
      return null;
    },
  });
  const run = await task.delay(null);
  seen.length = 0;
  const again = await errand.rerun(run.id, { only: "failed" });
  await again?.result();
  expect(seen).toEqual(["one 2", "one 3", "three 3"]);
  expect(again?.run).toMatchObject({ completedSteps: 3, totalSteps: 3 });
});

test("a rerun that is tried again goes on behind the failed items that it has visited, long lists of them too", async () => {
  const errand = openErrand();
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  const seen: number[] = [];
  let first = true;
  const task = errand.task({
    name: "t",
    retries: { times: 1, delay: 0 },
    run: (_, { each, attempt }) =>
      each(numbers, (item) => {
        if (first) throw new UserError("Refused.");
        if (attempt === 1 && item === 350) throw new Error("Broken.");
        seen.push(item);
      }),
  });
  const run = await task.delay(null);
  first = false;
  const again = await errand.rerun(run.id, { only: "failed" });
  expect(await again?.result()).toEqual({ done: 500, failed: 0, failures: [] });
  expect(again?.run.attempt).toBe(2);
  expect(seen).toEqual(numbers);
});

test("only an ended run with failed items can be; the wish is checked", async () => {
  const errand = openErrand();
  const go = gate();
  const task = errand.task({
    name: "t",
    run: (wait, { each }) =>
      each([1], async () => {
        if (wait === true) await go.opened;
      }),
  });
  const whole = await task.delay(null);
  await expect(errand.rerun(whole.id, { only: "failed" })).rejects.toThrow(NoFailedItemsError);
  await expect(errand.rerun(whole.id, { only: "some" as never })).rejects.toThrow('`only` of a rerun must be "failed", but is "some".');
  expect(await errand.rerun(errand.newRunId(), { only: "failed" })).toBeNull();
  const running = await task.start(true);
  await until(errand, running.id, ({ state }) => state === "in_progress");
  await expect(errand.rerun(running.id, { only: "failed" })).rejects.toThrow(RunNotEndedError);
  go.open();
  await running.ended();
  expect((await errand.list({}, { limit: 9 })).length).toBe(2);
});

test("a run that is deleted meanwhile is not rerun", async () => {
  const errand = openErrand();
  const { task, visits } = visiting(
    errand,
    (each, visit) => each([1], visit),
    () => true,
  );
  const run = await task.delay(null);
  const rerun = errand.rerun(run.id, { only: "failed" });
  const [again] = await Promise.all([rerun, errand.remove(run.id)]);
  if (again) await again.ended();
  expect(visits.length).toBe(again ? 2 : 1);
});

test("the first run may be deleted before its rerun begins", async () => {
  const errand = openErrand();
  const { task } = visiting(
    errand,
    (each, visit) => each([1, 2], visit),
    (item) => item === 2,
  );
  const run = await task.delay(null);
  const again = await errand.rerun(run.id, { only: "failed" });
  await errand.remove(run.id);
  expect(await again?.result()).toMatchObject({ done: 0, failed: 1 });
});
