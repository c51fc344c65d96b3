import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { type Each, type EachResult, type Errand, type Storage, StoreError, TaskCanceledError, UserError, type Write } from "../../../src/index.ts";
import { fileSystem } from "../../../src/storages/file-system.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase, tempDir } from "../../support/temp.ts";
import { gate, keptLog, openErrand } from "../fixture.ts";

function refuse(odd: number): void {
  if (odd % 2 === 1) throw new UserError(`${odd} is odd.`);
}

/** A task of one loop. */
function looping(errand: Errand, use: (each: Each) => Promise<EachResult>, options: { retries?: number } = {}) {
  return errand.task({ name: "loop", retries: { times: options.retries ?? 0, delay: 0 }, run: async (_, { each }) => ({ ...(await use(each)) }) as never });
}

/** The rows of the file that a run leaves, or null. */
async function table(errand: Errand, runId: string): Promise<string[][] | null> {
  const files = (await errand.artifacts.list([runId])).filter(({ name }) => name === "failed-items.csv");
  if (files.length === 0) return null;
  expect(files.map(({ type }) => type)).toEqual(["text/csv; charset=utf-8"]);
  const content = (await buffer((await errand.storage.read(files[0]?.key ?? "")) as NodeJS.ReadableStream)).toString();
  expect(content.startsWith("\ufeff")).toBe(true);
  return parse(content, { bom: true });
}

test("a UserError is written down, the loop goes on, and the run says which items failed and why", async () => {
  const errand = openErrand();
  const log = errand.log as ReturnType<typeof keptLog>;
  const task = looping(errand, (each) =>
    each([1, 2, 3, 4], { label: (item, index) => `Row ${index + 1}: ${item}`, columns: (item) => ({ number: item, square: item * item }) }, refuse),
  );
  const run = await task.delay(null);
  const failures = [
    { number: 1, loop: "items", index: 0, label: "Row 1: 1", message: "1 is odd.", columns: { number: 1, square: 1 } },
    { number: 2, loop: "items", index: 2, label: "Row 3: 3", message: "3 is odd.", columns: { number: 3, square: 9 } },
  ];
  expect(await run.result()).toEqual({ done: 2, failed: 2, failures });
  expect(run.run).toMatchObject({ state: "succeeded", completedSteps: 4, totalSteps: 4 });
  expect(await errand.failures(run.id)).toEqual({ done: 2, failed: 2, kept: 2, failures });
  expect(await errand.failures(run.id, { limit: 1, after: 1 })).toEqual({ done: 2, failed: 2, kept: 2, failures: failures.slice(1) });
  expect(await table(errand, run.id)).toEqual([
    ["item", "problem", "number", "square"],
    ["Row 1: 1", "1 is odd.", "1", "1"],
    ["Row 3: 3", "3 is odd.", "3", "9"],
  ]);
  expect(log.lines).toEqual([]);
});

test("where nothing failed there is no file", async () => {
  const errand = openErrand();
  const run = await looping(errand, (each) => each([2, 4], refuse)).delay(null);
  expect(await errand.artifacts.list([run.id])).toEqual([]);
});

test("any other error fails the attempt, and the next one begins with that very item", async () => {
  const errand = openErrand();
  const seen: number[] = [];
  let broken = true;
  const task = looping(
    errand,
    (each) =>
      each([1, 2, 3], (item) => {
        seen.push(item);
        if (item === 1) throw new UserError("One is refused.");
        if (item === 2 && broken) {
          broken = false;
          throw new TypeError("The network is away.");
        }
      }),
    { retries: 1 },
  );
  const run = await task.delay(null);
  expect(seen).toEqual([1, 2, 2, 3]);
  expect(await run.result()).toMatchObject({ done: 2, failed: 1, failures: [{ index: 0, message: "One is refused." }] });
  expect(run.run).toMatchObject({ attempt: 2, completedSteps: 3, totalSteps: 3 });
  expect((await table(errand, run.id))?.length).toBe(2);
});

test("a run that fails for good leaves the list of what failed before", async () => {
  const errand = openErrand();
  const task = looping(
    errand,
    (each) =>
      each([1, 2, 3], (item) => {
        if (item === 3) throw new Error("The network is away.");
        refuse(item);
      }),
    { retries: 1 },
  );
  const run = await task.delay(null);
  expect(run.run).toMatchObject({ state: "failed", attempt: 2, error: { code: "internal" } });
  expect(await errand.failures(run.id)).toMatchObject({ done: 1, failed: 1 });
  expect(await table(errand, run.id)).toEqual([
    ["item", "problem"],
    ["#1", "1 is odd."],
  ]);
});

test('with "record" every error is, and the user sees no more of it than a support code', async () => {
  const errand = openErrand();
  const log = errand.log as ReturnType<typeof keptLog>;
  const task = looping(errand, (each) =>
    each(["a", "b"], { onItemError: "record" }, (item) => {
      throw new Error(`secret of ${item}`);
    }),
  );
  const run = await task.delay(null);
  const { failures } = (await run.result()) as EachResult;
  expect(failures).toHaveLength(2);
  for (const [index, { message }] of failures.entries()) {
    const { key, params } = message as { key: string; params: { support: string } };
    expect(key).toBe("run.unexpected_support");
    expect(log.said(/^Item/)[index]).toMatchObject({
      level: "error",
      fields: { runId: run.id, index, support: params.support, error: new Error(`secret of ${"ab"[index]}`) },
    });
    expect((await table(errand, run.id))?.[index + 1]?.[1]).toBe(`An unexpected error has occurred, please try again later. (Support code: ${params.support})`);
  }
  expect(JSON.stringify([await errand.failures(run.id), await table(errand, run.id)])).not.toContain("secret");
});

test('with "fail" a UserError ends the run, and a function decides for each', async () => {
  const errand = openErrand();
  const strict = await looping(errand, (each) => each([1], { onItemError: "fail" }, refuse)).delay(null);
  expect(strict.run).toMatchObject({ state: "failed", error: { code: "user", message: "1 is odd." } });
  expect(await errand.failures(strict.id)).toMatchObject({ failed: 0 });
  const asked = errand.task({
    name: "asked",
    run: (_, { each }) =>
      each([1, 2], { onItemError: (error) => (String(error).includes("one") ? "record" : "fail") }, (item) => {
        throw new Error(item === 1 ? "one" : "two");
      }).then(() => null),
  });
  const run = await asked.delay(null);
  expect(run.run.state).toBe("failed");
  expect(await errand.failures(run.id)).toMatchObject({ done: 0, failed: 1, failures: [{ index: 0 }] });
});

test.each<[string, () => Error, string]>([
  ["a cancel", () => new TaskCanceledError(), "failed"],
  ["a store that cannot write", () => new StoreError("full", "The disk is full."), "failed"],
])("%s is never an item's failure", async (_what, error, state) => {
  const errand = openErrand();
  const task = looping(errand, (each) =>
    each([1], { onItemError: "record" }, () => {
      throw error();
    }),
  );
  const run = await task.delay(null);
  expect(run.run.state).toBe(state);
  expect(await errand.failures(run.id)).toMatchObject({ failed: 0 });
});

test("what the source throws is no item's failure either", async () => {
  const errand = openErrand();
  const task = looping(errand, (each) =>
    each(
      async function* () {
        yield 1;
        throw new UserError("The list ends in the middle of a word.");
      },
      { onItemError: "record" },
      refuse,
    ),
  );
  const run = await task.delay(null);
  expect(run.run).toMatchObject({ state: "failed", error: { message: "The list ends in the middle of a word." } });
  expect(await errand.failures(run.id)).toMatchObject({ done: 0, failed: 1 });
});

test("labels, texts and columns are kept as plain, short text", async () => {
  const errand = openErrand();
  const task = looping(errand, (each) =>
    each(
      [1],
      {
        label: () => `\0<script>alert(1)</script>${"x".repeat(999)}`,
        columns: () => ({ ["n".repeat(999)]: "\0v", date: new Date(0) as never, nothing: undefined as never, infinite: Number.NaN, __proto__: "x" }),
      },
      () => {
        throw new UserError({ key: "broken", params: { why: "z".repeat(2000) } });
      },
    ),
  );
  const run = await task.delay(null);
  const [failure] = (await errand.failures(run.id))?.failures ?? [];
  expect(failure?.label).toBe(`<script>alert(1)</script>${"x".repeat(230)}`);
  expect(failure?.message).toEqual({ key: "broken", params: { why: "z".repeat(1000) } });
  expect(failure?.columns).toEqual({ ["n".repeat(255)]: "v", date: String(new Date(0)), nothing: null, infinite: "NaN" });
});

test("at most 10,000 failures are kept; the others are counted, and the list says so", { timeout: 60_000 }, async () => {
  const errand = openErrand();
  const task = looping(errand, (each) =>
    each(
      Array.from({ length: 10_003 }, (_, index) => index),
      () => {
        throw new UserError("No.");
      },
    ),
  );
  const run = await task.delay(null);
  const result = (await run.result()) as EachResult;
  expect(result).toMatchObject({ done: 0, failed: 10_003 });
  expect(result.failures).toHaveLength(100);
  expect(await errand.failures(run.id, { limit: 2, after: 9999 })).toMatchObject({
    done: 0,
    failed: 10_003,
    kept: 10_000,
    failures: [{ number: 10_000, label: "#10000" }],
  });
  const rows = await table(errand, run.id);
  expect(rows).toHaveLength(10_002);
  expect(rows?.at(-1)).toEqual(["", "And 3 more failed: only the first 10000 are listed."]);
  const again = await errand.rerun(run.id, { only: "failed" });
  expect(again?.run.totalSteps).toBe(10_000);
  expect(await again?.result()).toMatchObject({ failed: 10_000 });
});

test("a failure whose write the store refused for a moment comes with a later one, once", async () => {
  const store = sqlite(freshDatabase());
  const write = store.write;
  const lost = [gate(), gate()];
  Object.assign(store, {
    write: async (writes: readonly Write[]) => {
      const written = await write(writes);
      const next = writes.some((each) => "change" in each && each.change.ledger) ? lost.shift() : undefined;
      next?.open();
      // Written, but its writer is not told so.
      if (next) throw new Error("The answer was lost.");
      return written;
    },
  });
  const errand = openErrand({ database: store });
  const [first, second] = [...lost];
  const task = looping(errand, (each) =>
    each([1, 2, 3], async (item) => {
      if (item === 2) await first?.opened;
      if (item === 3) await second?.opened;
      refuse(item);
    }),
  );
  const run = await task.delay(null);
  expect(lost).toEqual([]);
  expect((await errand.failures(run.id))?.failures.map(({ number, index }) => [number, index])).toEqual([
    [1, 0],
    [2, 2],
  ]);
});

test("a list that cannot be left does not change how the run ends", async () => {
  const log = keptLog();
  const storage: Storage = { ...fileSystem(tempDir()), write: () => Promise.reject(new Error("The disk is full.")) };
  const errand = openErrand({ log, storage });
  const run = await looping(errand, (each) => each([1, 2], refuse)).delay(null);
  expect(run.run.state).toBe("succeeded");
  expect(await errand.failures(run.id)).toMatchObject({ failed: 1 });
  expect(log.said(/^The list of failed items/)).toMatchObject([{ level: "warn", fields: { runId: run.id, error: new Error("The disk is full.") } }]);
});
