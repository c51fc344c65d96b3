import { expect, test } from "vitest";
import { percentage } from "../../../src/core/progress.ts";
import type { Run } from "../../../src/core/run.ts";
import { ConfigurationError, chain, chord, type Errand, group, isEnded, LinkedRunError, type Store } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, gate, openErrand, until, untilEnded } from "../fixture.ts";

const open = () => {
  const errand = openErrand({ database: ":memory:" });
  return {
    errand,
    echo: errand.task({ name: "echo", run: (input) => input }),
    broken: errand.task({ name: "broken", run: (_, { status }) => status.fail("It broke.") }),
    /** Goes on until it is stopped. */
    endless: errand.task({
      name: "endless",
      run: async (_, { signal, status }) => {
        await status.setState("Going on");
        throw await aborted(signal);
      },
    }),
  };
};

async function children(errand: Errand, parent: string): Promise<Run[]> {
  return (await errand.list({ parent }, { limit: 1000 })).sort((one, other) => (one.id < other.id ? -1 : 1));
}

const statesOf = async (errand: Errand, parent: string) => (await children(errand, parent)).map(({ state }) => state);

test("a chain's inputs are made of the results before them, and its result is the last one's", async () => {
  const { errand, echo } = open();
  const begins = errand.task({ name: "begins", run: () => ({ id: 7, list: [1, 2] }) });
  const run = await chain([
    begins.with(null),
    echo.with((previous: { id: number; list: number[] }) => ({ id: previous.id, second: previous.list[1] })),
    echo.with((previous: unknown, results) => [previous, results[0].list]),
  ]).delay({ owner: "u1", name: "Three steps" });
  expect(run.run).toMatchObject({ state: "succeeded", name: "Three steps", owner: "u1", kind: "chain", task: "errand.chain", parent: null, root: null });
  expect(await run.result()).toEqual([{ id: 7, second: 2 }, [1, 2]]);
  const steps = await children(errand, run.id);
  expect(steps.map(({ parent, root, owner, state }) => [parent, root, owner, state])).toEqual(
    Array.from({ length: 3 }, () => [run.id, run.id, "u1", "succeeded"]),
  );
  for (const [index, step] of steps.entries()) if (index > 0) expect(step.started).toBeGreaterThanOrEqual(steps[index - 1]?.ended as number);
});

test("what a group or chain inside of a chain begins with is made of what comes before it, however deep", async () => {
  const { errand, echo } = open();
  const previous = echo.with((before: unknown) => before);
  const inner = chain([previous, group([previous, echo.with((before: unknown, results) => [before, results[0]])])]);
  const run = await chain([echo.with("a"), group([inner, previous]), chord([previous], previous)]).delay();
  expect(await run.result()).toEqual([[["a", ["a", "a"]], "a"]]);
  const nested = (await children(errand, run.id))[1] as Run;
  expect(nested.result).toEqual([["a", ["a", "a"]], "a"]);
  await expect(group([previous]).delay()).rejects.toThrow("nothing comes before it");
  await expect(chain([group([previous]), previous]).delay()).rejects.toThrow(ConfigurationError);
  expect(await errand.list({ parent: null }, { limit: 9 })).toHaveLength(1);
});

test("more than one step's worth of blocked children begin, each with the results before it", { timeout: 60_000 }, async () => {
  const { errand, echo } = open();
  const each = Array.from({ length: 1200 }, (_, index) => echo.with((before: number) => [before, index]));
  const run = await chain([echo.with(5), group(each)]).delay();
  expect(await run.result()).toEqual(each.map((_, index) => [5, index]));
  expect(run.run).toMatchObject({ completedSteps: 1201, totalSteps: 1201 });
  expect((await errand.overview()).queues).toEqual([]);
});

test("a failed step fails its chain, and what comes behind it is canceled; the reason stands at every container", async () => {
  const { errand, echo, broken } = open();
  const run = await chain([echo.with(1), group([echo.with(2), broken.with(null)]), echo.with((before: unknown) => before)]).delay();
  expect(run.run).toMatchObject({ state: "failed", error: { code: "user", message: "It broke." } });
  await expect(run.result()).rejects.toThrow("It broke.");
  const steps = await children(errand, run.id);
  expect(steps.map(({ state }) => state)).toEqual(["succeeded", "failed", "canceled"]);
  for (const id of [run.id, steps[1]?.id as string]) {
    expect((await errand.artifacts.list([id])).map(({ name, text }) => [name, text])).toEqual([["Error", "It broke."]]);
  }
});

test("a failed child stops the others of its group: waiting ones at once, running ones when they say so", async () => {
  const { errand, broken, endless } = open();
  const go = gate();
  const late = errand.task({ name: "late", run: async (_, { status }) => go.opened.then(() => status.fail("Too late.")) });
  const run = await group([endless.with(null), late.with(null), endless.with(null)]).start();
  await until(errand, run.id, ({ state }) => state === "in_progress");
  go.open();
  expect(await run.ended()).toMatchObject({ state: "failed", error: { message: "Too late." } });
  expect(await statesOf(errand, run.id)).toEqual(["canceled", "failed", "canceled"]);
  const all = await group([broken.with(1), broken.with(2)], { onFailure: "continue" }).delay();
  expect(all.run).toMatchObject({ state: "failed", error: { message: "It broke." }, result: null });
});

test("a group that goes on says how many succeeded, and a chord's body is given null where one did not", async () => {
  const { errand, echo, broken } = open();
  const parts = [...Array.from({ length: 197 }, (_, index) => echo.with(index)), broken.with(null), broken.with(null), broken.with(null)];
  const run = await group(parts, { onFailure: "continue" }).delay();
  expect(run.run).toMatchObject({ state: "succeeded", completedSteps: 200, totalSteps: 200, error: null });
  expect(errand.render(run.run.stateText as never, "en")).toBe("197 of 200 succeeded.");
  expect(await errand.list({ parent: run.id, states: ["failed"] }, { limit: 9 })).toHaveLength(3);
  const whole = await chord(
    [echo.with(1), broken.with(null)],
    echo.with((results: readonly unknown[]) => results),
    { onFailure: "continue" },
  ).delay();
  expect(await whole.result()).toEqual([1, null]);
});

test("results that are too large together fail the body in words, and a group of them still succeeds", async () => {
  const { errand, echo } = open();
  const large = Array.from({ length: 3 }, () => echo.with("x".repeat(500_000)));
  const alone = await group(large).delay();
  expect(alone.run).toMatchObject({ state: "succeeded", result: null });
  const nested = await group([group(large), echo.with(1)]).delay();
  expect(nested.run).toMatchObject({ state: "succeeded", result: null });
  const run = await chord(
    large,
    echo.with((results: readonly unknown[]) => results),
  ).delay();
  expect(run.run).toMatchObject({ state: "failed", error: { code: "invalid_input" } });
  expect(errand.render(run.run.error?.message as never, "en")).toBe("The results before this step are too large to be its input.");
  const tiny = await chord(large, echo.with(5)).delay();
  expect(await tiny.result()).toBe(5);
});

test("results of null, nothing and an empty list are results like others", async () => {
  const { errand, echo } = open();
  const nothing = errand.task({ name: "nothing", run: () => undefined });
  const run = await chord(
    [echo.with(null), nothing.with(null), echo.with([])],
    echo.with((results: readonly unknown[]) => results),
  ).delay();
  expect(await run.result()).toEqual([null, null, []]);
});

test("names: the one that is given, else that of the first run that names itself, else the first's", async () => {
  const { errand, echo } = open();
  const named = errand.task({ name: "named", generateName: (input) => `Number ${String(input)}`, run: (input) => input });
  expect((await group([echo.with(1), named.with(2), named.with(3)]).delay()).run.name).toBe("Number 2");
  expect((await group([echo.with(1), group([named.with(2)], { name: "Inner" })]).delay()).run.name).toBe("Inner");
  expect((await group([echo.with(1)]).delay({ name: "Mine" })).run.name).toBe("Mine");
  expect((await group([echo.with(1)]).delay({ name: "" })).run.name).toBe("echo");
  const chained = await chain([named.with(1), named.with((before: unknown) => before), named.with((before: unknown) => before, { name: "Given" })]).delay();
  expect((await children(errand, chained.id)).map(({ name }) => name)).toEqual(["Number 1", "Number 1", "Given"]);
  const late = await chain([echo.with(1), named.with((before: unknown) => before), echo.with(1, { name: "Chosen" })]).delay();
  expect(late.run.name, "a name that is not known yet is none").toBe("Chosen");
});

test("steps are summed by weight, and the percentage never falls while children are tried again", async () => {
  const { errand, echo } = open();
  const flaky = errand.task({
    name: "flaky",
    retries: { times: 2, delay: 0 },
    calculateTotalSteps: () => 4,
    run: async (_, { status, attempt }) => {
      for (let step = 0; step < (attempt < 3 ? 3 : 4); step++) await status.incrementCompletedSteps();
      if (attempt < 3) throw new Error("Once more.");
      return attempt;
    },
  });
  const run = await chain([flaky.with(null, { weight: 5 }), echo.with(1)]).start();
  expect(run.run.totalSteps).toBe(21);
  const seen: number[] = [];
  await until(errand, run.id, (now) => {
    seen.push(percentage(now));
    return isEnded(now.state);
  });
  expect(seen).toEqual([...seen].sort((one, other) => one - other));
  expect(await run.ended()).toMatchObject({ state: "succeeded", completedSteps: 21, totalSteps: 21 });
  expect(() => echo.with(1, { weight: 0 })).toThrow(RangeError);
  expect(() => group([echo.with(1)], { weight: 1.5 })).toThrow(RangeError);
});

test("the words of the step under way pass up chains and leave with it", async () => {
  const { errand } = open();
  const go = [gate(), gate()];
  const says = errand.task({
    name: "says",
    run: async (input, { status }) => {
      if (input !== null) await status.setState(`Step ${String(input)}`);
      await go[Number(input ?? 1)]?.opened;
    },
  });
  const run = await chain([chain([says.with(0), says.with(null)])]).start();
  await until(errand, run.id, ({ stateText }) => stateText === "Step 0");
  go[0]?.open();
  await until(errand, run.id, ({ stateText, completedSteps }) => stateText === null && completedSteps === 1);
  go[1]?.open();
  expect((await run.ended()).stateText).toBeNull();
});

test("whoever watches a container in the middle of a deep tree hears of what happens below it", async () => {
  const { errand, echo } = open();
  const [begun, go, end] = [gate(), gate(), gate()];
  const steps = errand.task({
    name: "steps",
    calculateTotalSteps: () => 2,
    run: async (_, { status }) => {
      begun.open();
      await go.opened;
      await status.incrementCompletedSteps();
      await end.opened;
      return null;
    },
  });
  const run = await group([group([group([steps.with(null), echo.with(1)])])]).start();
  const middle = (await children(errand, run.id))[0] as Run;
  await begun.opened;
  const half = until(errand, middle.id, ({ completedSteps }) => completedSteps === 2);
  go.open();
  await half;
  end.open();
  await run.ended();
});

test("canceling a container cancels all that has not ended, however deep, and is heard of once, after its children", async () => {
  const { errand, echo, endless } = open();
  const ends: string[] = [];
  errand.on("userTaskStopped", ({ run }) => void ends.push(run.id));
  const run = await chain([echo.with(1), group([endless.with(null), chain([endless.with(null), echo.with(2)])]), chord([echo.with(3)], echo.with(4))]).start();
  await until(errand, run.id, ({ completedSteps, stateText }) => completedSteps === 1 && stateText === null);
  const nested = (await children(errand, run.id))[1] as Run;
  await until(errand, nested.id, ({ state }) => state === "in_progress");
  expect((await run.cancel()).state).toMatch(/^cancel/);
  expect((await run.ended()).state).toBe("canceled");
  expect(await statesOf(errand, run.id)).toEqual(["succeeded", "canceled", "canceled"]);
  const all = await errand.list({}, { limit: 99 });
  expect(all).toHaveLength(11);
  expect(all.filter(({ ended }) => ended === null)).toEqual([]);
  expect([...ends].sort()).toEqual(all.map(({ id }) => id).sort());
  for (const each of all) if (each.parent) expect(ends.indexOf(each.parent)).toBeGreaterThan(ends.indexOf(each.id));
  expect((await errand.cancel(run.id))?.state).toBe("canceled");
});

test("a container that waits for its turn can be canceled, and so can a single child: the chain goes with it, a group that goes on does not", async () => {
  const { errand, echo } = open();
  const go = gate();
  const waits = errand.task({ name: "waits", run: () => go.opened.then(() => 1) });
  const run = await chain([waits.with(null), group([echo.with(1), group([echo.with(2)])]), echo.with(3)]).start();
  const second = (await children(errand, run.id))[1] as Run;
  expect((await errand.cancel(second.id))?.state).toBe("canceled");
  const beside = await group([waits.with(null), waits.with(null)], { onFailure: "continue" }).start();
  await until(errand, beside.id, ({ state }) => state === "in_progress");
  await errand.cancel((await children(errand, beside.id))[0]?.id as string);
  go.open();
  expect((await run.ended()).state).toBe("canceled");
  // A task that had done all of its work before it noticed the wish has succeeded.
  expect(await statesOf(errand, run.id)).toEqual(["succeeded", "canceled", "canceled"]);
  expect(await beside.ended()).toMatchObject({ state: "succeeded" });
});

test("a wish that comes when all has ended changes nothing", async () => {
  const { errand, echo } = open();
  const run = await group([echo.with(1)]).delay();
  expect(await errand.cancel(run.id)).toEqual(run.run);
});

test("linked runs are deleted as a whole, and no part of them by itself", async () => {
  const { errand, endless, echo } = open();
  const run = await chain([group([endless.with(null), echo.with(1)]), echo.with(2)]).start();
  await until(errand, run.id, ({ state }) => state === "in_progress");
  for (const child of await children(errand, run.id)) {
    await expect(errand.remove(child.id)).rejects.toThrow(LinkedRunError);
    await expect(errand.remove(child.id)).rejects.toThrow(run.id);
  }
  expect(await errand.remove(run.id)).toBe(true);
  expect(await errand.list({}, { limit: 9 })).toEqual([]);
  await expect(run.ended()).rejects.toThrow("deleted");
  expect(await errand.remove(run.id)).toBe(false);
});

test("tasks of another errand, nothing at all, and too deep a nest are refused", async () => {
  const [{ echo, errand }, other] = [open(), open()];
  expect(() => group([echo.with(1), other.echo.with(1)])).toThrow(ConfigurationError);
  expect(() => chain([] as never)).toThrow("at least one run");
  let deep = group([echo.with(1)]);
  for (let level = 0; level < 16; level++) deep = group([deep]) as never;
  expect(await deep.delay().then((run) => run.run.state)).toBe("succeeded");
  await expect(group([deep]).delay()).rejects.toThrow("16 deep");
  await expect(group([echo.with(1), echo.with(new Date() as never)]).delay()).rejects.toThrow("Date");
  expect(await errand.list({ parent: null }, { limit: 9 })).toHaveLength(1);
});

test("one that decided by an older look does not begin a step before its turn", async () => {
  const database = `file:${freshDatabase()}`;
  const [looked, go] = [gate(), gate()];
  let slow = false;
  const store = sqlite(database.slice(5));
  // The other process: between its look at the chain and the next one, this one has moved the chain on.
  const late = new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target) as Store["links"];
      if (name !== "links") return typeof value === "function" ? (value as () => unknown).bind(target) : value;
      return new Proxy(value, {
        get:
          (links, method) =>
          async (...given: never[]) => {
            if (method === "blocked" && slow) {
              slow = false;
              looked.open();
              await go.opened;
            }
            return (Reflect.get(links, method) as (...given: never[]) => unknown).apply(links, given);
          },
      });
    },
  });
  const define = (errand: Errand) => ({
    first: errand.task({ name: "first", run: () => 1 }),
    slowly: errand.task({
      name: "slowly",
      run: async (_, { signal }) => {
        throw await aborted(signal);
      },
    }),
    never: errand.task({ name: "never", run: () => "began" }),
  });
  const one = openErrand({ database, broker: "database", worker: false, sweepEvery: 50 });
  const { first, slowly, never } = define(one);
  const other = openErrand({ database: late, broker: "database", worker: false, sweepEvery: "1h" });
  define(other);
  slow = true;
  await other.work({ concurrency: 1 });
  const run = await chain([first.with(null), slowly.with(null), never.with((before: unknown) => before)]).start();
  await looked.opened;
  const second = (await children(one, run.id))[1] as Run;
  await until(one, second.id, ({ state }) => state === "in_progress");
  go.open();
  await other.close({ grace: 0 }); // When what it had begun to decide is decided.
  const [, , third] = await children(one, run.id);
  expect(third).toMatchObject({ state: "pending", attempt: 0 });
  expect(third?.runAt, "its time has not come").toBeGreaterThan(Date.now() * 2);
  await run.cancel();
  expect(await untilEnded(one, run.id)).toMatchObject({ state: "canceled" });
  expect(await statesOf(one, run.id)).toEqual(["succeeded", "canceled", "canceled"]);
});
