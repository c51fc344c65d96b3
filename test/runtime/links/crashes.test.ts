import { describe, expect, test } from "vitest";
import type { Run } from "../../../src/core/run.ts";
import { edges } from "../../../src/core/states.ts";
import { isEnded } from "../../../src/index.ts";
import { hearEnds, LEASE, live, type Mortality, World } from "./mortal.ts";
import { type Shape, shapes } from "./shapes.ts";

/** How many deaths are looked at at the same time. */
const AT_ONCE = 8;

// Every process of these tests is an errand on one shared store whose answers stop at its death: what it had in memory is lost, what it had
// written stays. Another one then has to bring the linked runs to the end that they would have had.

describe.each(Object.entries(shapes))("%s", (_, shape) => {
  test.each([
    ["one at a time", 1, false],
    ["all at once", 10, false],
    ["beside another worker", 10, true],
  ] as const)("a worker that dies at any write leaves nothing stuck: %s", { timeout: 120_000 }, async (_how, concurrency, beside) => {
    const writes = await undisturbed(shape, concurrency);
    expect(writes).toBeGreaterThan(3);
    // How many it takes varies with what happens to fall into one turn of the event loop.
    const deaths = Array.from({ length: writes + 2 }, (_, index) => index + 1).flatMap((at): Mortality[] => [
      { at, when: "before" },
      { at, when: "after" },
    ]);
    let died = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let death = deaths.shift(); death; death = deaths.shift()) if (await dieAndHeal(shape, death, concurrency, beside)) died += 1;
      }),
    );
    expect(died).toBeGreaterThan(beside ? 1 : writes);
  });
});

async function undisturbed(shape: Shape, concurrency: number): Promise<number> {
  const world = new World();
  await world.store.migrate();
  try {
    const life = world.open({}, concurrency);
    const writes = await live(life, shape);
    await holds(world, shape, "undisturbed");
    expect(new Set(world.calls.made.map(({ runId }) => runId)).size).toBe(world.calls.made.length);
    return writes;
  } finally {
    await world.store.close();
  }
}

/** Whether there was a death at all. */
async function dieAndHeal(shape: Shape, death: Mortality, concurrency: number, beside: boolean): Promise<boolean> {
  const where = `died ${death.when} write ${death.at}`;
  const world = new World();
  await world.store.migrate();
  await world.store.stops.register("audit");
  try {
    const companion = beside ? world.open({}, concurrency) : undefined;
    await companion?.errand.start();
    const life = world.open(death, concurrency);
    await live(life, shape);
    world.pass(LEASE + 1);
    const { errand } = companion ?? world.open({}, concurrency);
    const { all, heard } = hearEnds(errand, shape.runs);
    try {
      await errand.start();
      const runs = await world.store.list({}, { limit: 100 });
      if (death.at === 1 && death.when === "before") expect(runs, where).toEqual([]);
      if (runs.length === 0) return true;
      const root = runs.find(({ parent }) => parent === null) as Run;
      expect(isEnded((await errand.wait(root.id, { timeout: 30_000 }))?.state ?? "pending"), where).toBe(true);
      await holds(world, shape, where);
      await all;
    } finally {
      await errand.close();
    }
    expect([...heard.values()], where).toEqual(Array.from({ length: shape.runs }, () => 1));
    return life.death.isDead;
  } finally {
    await world.store.close();
  }
}

/** What must be true of linked runs that have ended, whatever happened on the way. */
async function holds({ store, history, calls }: World, shape: Shape, where: string): Promise<void> {
  const runs = await store.list({}, { limit: 100 });
  expect(runs.length, where).toBe(shape.runs);
  const root = runs.find(({ parent }) => parent === null) as Run;
  expect([root.state, root.result], where).toEqual([shape.state, shape.result]);
  expect(
    runs.filter((run) => !isEnded(run.state)),
    where,
  ).toEqual([]);
  for (const run of runs) {
    const writes = history.filter(({ id }) => id === run.id);
    // Ended once, and nothing moved afterwards; below a container nothing did after its end.
    expect(writes.filter(({ state }) => isEnded(state)).length, where).toBe(1);
    const below = runs.filter(({ parent }) => parent === run.id).map(({ id }) => id);
    const end = history.findIndex((write) => write.id === run.id && isEnded(write.state));
    expect(
      history.slice(end + 1).filter(({ id }) => id === run.id || below.includes(id)),
      where,
    ).toEqual([]);
    if (run.kind === null) {
      // Every call had an attempt of its own, and an attempt is claimed once.
      const made = calls.made.filter(({ runId }) => runId === run.id).map(({ attempt }) => attempt);
      expect(new Set(made).size, where).toBe(made.length);
      expect(made.length, where).toBeLessThanOrEqual(run.attempt);
      if (run.state === "succeeded") expect(made.at(-1), where).toBe(run.attempt);
      expect(run.attempt, where).toBeLessThanOrEqual(2);
      if (shape.never?.includes(run.task)) expect([run.state, run.attempt], where).toEqual(["canceled", 0]);
    } else {
      for (const [index, { state }] of writes.entries()) {
        const from = writes[index - 1]?.state;
        if (from !== undefined && from !== state) expect(edges, where).toContainEqual(expect.objectContaining({ from, to: state, by: "link" }));
      }
    }
  }
}
