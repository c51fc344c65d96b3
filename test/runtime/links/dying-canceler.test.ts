import { expect, test } from "vitest";
import { chain, chord, type Errand, group, isEnded } from "../../../src/index.ts";
import { aborted, gate } from "../fixture.ts";
import { LEASE, type Mortality, World } from "./mortal.ts";

function defineEndless(errand: Errand, onBegun: () => void) {
  return errand.task({
    name: "endless",
    run: async (_, { signal }) => {
      onBegun();
      throw await aborted(signal);
    },
  });
}

/** Nothing of it ends by itself: all four that may begin do so. */
const RUNNING = 4;

/** Begins a tree of which much waits for its turn, and has a process without workers cancel it. Whether that process died of it, and how many writes it did. */
async function cancelAndDie(mortality: Mortality): Promise<{ died: boolean; writes: number }> {
  const where = `died ${mortality.when} write ${mortality.at}`;
  const world = new World();
  await world.store.migrate();
  const [worker, web] = [world.open(), world.open(mortality, false)];
  const begun = gate();
  let running = 0;
  const endless = defineEndless(worker.errand, () => {
    running += 1;
    if (running === RUNNING) begun.open();
  });
  defineEndless(web.errand, () => undefined);
  try {
    const { one } = worker.tasks;
    const tree = chain([
      group([endless.with(null), chain([endless.with(null), one.with(null)]), chord([endless.with(null), endless.with(null)], one.with(null))]),
      group([one.with(null), one.with((before: unknown) => before)]),
      one.with(null),
    ]);
    const { id } = await tree.start();
    await begun.opened;
    await web.errand.cancel(id).catch((error: unknown) => {
      if (!web.death.isDead) throw error;
    });
    // A wish that was never written has to be wished again.
    if (web.death.isDead && !world.history.some((run) => run.id === id && run.state === "canceling")) await worker.errand.cancel(id);
    const ended = await worker.errand.wait(id, { timeout: 30_000 });
    expect(ended?.state, where).toBe("canceled");
    const runs = await world.store.list({}, { limit: 99 });
    expect(runs.length, where).toBe(15);
    expect(
      runs.filter(({ state }) => state !== "canceled"),
      where,
    ).toEqual([]);
    expect(world.calls.made, where).toEqual([]);
    for (const run of runs) expect(world.history.filter(({ id, state }) => id === run.id && isEnded(state)).length, where).toBe(1);
    return { died: web.death.isDead, writes: web.death.writes };
  } finally {
    await web.errand.close({ grace: 0 });
    await worker.errand.close({ grace: 0 });
    world.pass(LEASE);
    await world.store.close();
  }
}

test("a process that dies at any write while it cancels a tree leaves nothing that goes on", { timeout: 60_000 }, async () => {
  const { died, writes } = await cancelAndDie({});
  expect([died, writes > 5]).toEqual([false, true]);
  let deaths = 0;
  for (let at = 1; at <= writes; at++) {
    for (const when of ["before", "after"] as const) if ((await cancelAndDie({ at, when })).died) deaths += 1;
  }
  expect(deaths).toBeGreaterThan(5);
});
