import { expect, test } from "vitest";
import type { Run } from "../../../src/core/run.ts";
import { ConfigurationError, chain, chord, type Errand, group, LinkedRunError, NoFailedItemsError, RunNotEndedError } from "../../../src/index.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, openErrand, until } from "../fixture.ts";

function open() {
  const errand = openErrand({ database: ":memory:" });
  const broken = new Set<unknown>();
  return {
    errand,
    /** What breaks for now. */
    broken,
    echo: errand.task({ name: "echo", run: (input, { status }) => (broken.has(input) ? status.fail("It broke.") : input) }),
  };
}

async function children(errand: Errand, parent: string): Promise<Run[]> {
  return (await errand.list({ parent }, { limit: 1000 })).sort((one, other) => (one.id < other.id ? -1 : 1));
}

test("linked runs begin again as a whole: the same inputs, those made of results made anew", async () => {
  const { errand, echo } = open();
  let count = 0;
  const counts = errand.task({ name: "counts", calculateTotalSteps: () => 3, run: () => (count += 1) });
  const before = echo.with((previous: unknown) => previous);
  const whole = chain([
    counts.with(null, { weight: 4 }),
    group([before, echo.with("b", { name: "Bee" })]),
    chord([before], before),
    echo.with((_: unknown, all) => [all[0], all[2]]),
  ]);
  const run = await whole.delay({ owner: "u1", name: "Mine", priority: 5 });
  expect(await run.result()).toEqual([1, [[1, "b"]]]);
  const again = await errand.rerun(run.id);
  expect(await again?.result()).toEqual([2, [[2, "b"]]]);
  expect(again?.run).toMatchObject({ rerunOf: run.id, owner: "u1", name: "Mine", priority: 5, totalSteps: 17, completedSteps: 17, kind: "chain" });
  const [old, made] = [await children(errand, run.id), await children(errand, again?.id as string)];
  expect(made.map(({ kind, name, rerunOf }) => [kind, name, rerunOf])).toEqual(old.map(({ kind, name, id }) => [kind, name, id]));
  const third = await errand.rerun(again?.id as string, { owner: "u2" });
  expect(await third?.result()).toEqual([3, [[3, "b"]]]);
  expect((await errand.list({ owner: "u2" }, { limit: 99 })).length).toBe((await errand.list({}, { limit: 99 })).length / 3);
});

test("only the failed runs of a group begin again, what was canceled among them", async () => {
  const { errand, broken, echo } = open();
  const endless = errand.task({
    name: "endless",
    run: async (_, { signal, attempt }) => {
      throw await aborted(signal).then((reason) => (attempt > 0 ? reason : null));
    },
  });
  broken.add(2).add(4);
  const parts = [echo.with(1), echo.with(2, { name: "Two", weight: 3 }), group([echo.with(4), echo.with(5)]), endless.with(null), echo.with(6)];
  const run = await group(parts, { onFailure: "continue" }).start();
  await until(errand, run.id, ({ completedSteps }) => completedSteps >= 2);
  await errand.cancel((await children(errand, run.id))[3]?.id as string);
  expect(await run.ended()).toMatchObject({ state: "succeeded", result: [1, null, null, null, 6] });
  broken.clear();
  const again = await errand.rerun(run.id, { only: "failed" });
  const made = await children(errand, again?.id as string);
  expect(made.map(({ name, kind, task }) => [name, kind, task])).toEqual([
    ["Two", null, "echo"],
    ["echo", "group", "errand.group"],
    ["endless", null, "endless"],
  ]);
  await until(errand, again?.id as string, ({ completedSteps }) => completedSteps === 5);
  await errand.cancel(made[2]?.id as string);
  expect(await again?.ended()).toMatchObject({ state: "succeeded", rerunOf: run.id, result: [2, [4, 5], null], totalSteps: 6 });
});

test("where no run of a group has failed, and in a chain or chord, there is nothing to begin again alone", async () => {
  const { errand, broken, echo } = open();
  const whole = await group([echo.with(1)]).delay();
  await expect(errand.rerun(whole.id, { only: "failed" })).rejects.toThrow(NoFailedItemsError);
  broken.add(1);
  const steps = await chain([echo.with(1), echo.with(2)]).delay();
  await expect(errand.rerun(steps.id, { only: "failed" })).rejects.toThrow(NoFailedItemsError);
  await expect(errand.rerun(steps.id, { only: "some" as never })).rejects.toThrow(ConfigurationError);
});

test("a part is rerun by itself when it has an input of its own, and else with the whole", async () => {
  const { errand, broken, echo } = open();
  broken.add("b");
  const run = await chain([echo.with("a"), echo.with("b"), echo.with((before: unknown) => before), group([echo.with("c")])]).delay();
  const [, second, third, fourth] = await children(errand, run.id);
  broken.clear();
  const again = await errand.rerun(second?.id as string);
  expect(again?.run).toMatchObject({ parent: null, root: null });
  expect(await again?.result()).toBe("b");
  for (const part of [third, fourth]) await expect(errand.rerun(part?.id as string)).rejects.toThrow(LinkedRunError);
  const whole = await errand.rerun(run.id);
  expect(await whole?.result()).toEqual(["c"]);
  const filled = (await children(errand, whole?.id as string))[2] as Run;
  expect(await (await errand.rerun(filled.id))?.result(), "one that has begun has the input that was made for it").toBe("b");
});

test("linked runs that go on, are gone, or are of tasks that are unknown, are not rerun", async () => {
  const database = `file:${freshDatabase()}`;
  const errand = openErrand({ database });
  const endless = errand.task({
    name: "endless",
    run: async (_, { signal }) => {
      throw await aborted(signal);
    },
  });
  const run = await group([endless.with(null)]).start();
  await expect(errand.rerun(run.id)).rejects.toThrow(RunNotEndedError);
  await run.cancel();
  await run.ended();
  await expect(openErrand({ database }).rerun(run.id)).rejects.toThrow(ConfigurationError);
  await errand.remove(run.id);
  expect(await errand.rerun(run.id)).toBeNull();
});
