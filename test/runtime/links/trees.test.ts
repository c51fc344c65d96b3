import fc from "fast-check";
import { expect, test } from "vitest";
import type { Run } from "../../../src/core/run.ts";
import { createErrand, type Errand, isEnded, type Store, type Write } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { keptLog } from "../fixture.ts";
import { contradiction, endOf, type Inner, leavesOf, planted, trees } from "./tree-model.ts";

/** A wish that comes at the write of this number, for the end of the run of this number (0: the whole). */
interface Wish {
  readonly at: number;
  readonly run: number;
}

test("a random tree ends as the simple model says, and nothing in it contradicts anything else", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      const runs = await grow(tree, []);
      expect(runs[0]?.state).toBe(endOf(tree));
      expect(contradictions(tree, runs, false)).toEqual([]);
      // What no failure has stopped ended by itself.
      if (!JSON.stringify(tree).includes("breaks")) expect(runs.filter(({ state }) => state !== "succeeded")).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test("wherever in it, and whenever, somebody wishes the end of a run, it ends, and truthfully", { timeout: 120_000 }, async () => {
  const wishes = fc.array(fc.record({ at: fc.integer({ min: 1, max: 12 }), run: fc.nat(8) }), { minLength: 1, maxLength: 3 });
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(trees, wishes, async (tree, wished) => {
      const runs = await grow(tree, wished);
      ends.add(runs[0]?.state as string);
      // Where others go on, those that break may be all that a wish has left.
      expect(["canceled", "succeeded", ...(JSON.stringify(tree).includes("breaks") ? ["failed"] : [])]).toContain(runs[0]?.state);
      expect(contradictions(tree, runs, true)).toEqual([]);
    }),
    { numRuns: 250 },
  );
  expect([...ends].sort(), "the wishes came early and late").toEqual(["canceled", "failed", "succeeded"]);
});

/** Runs the tree to its end; its runs, the container first. */
async function grow(tree: Inner, wishes: readonly Wish[]): Promise<Run[]> {
  const store = sqlite(":memory:");
  let writes = 0;
  let isOver = false;
  const wished: Promise<unknown>[] = [];
  const errand: Errand = createErrand({
    broker: "none",
    log: keptLog(),
    sweepEvery: "1h",
    database: wrapped(store, async () => {
      writes += 1;
      for (const wish of wishes) {
        if (wish.at !== writes || isOver) continue;
        const all = await inOrder(store);
        const id = all[wish.run % Math.max(1, all.length)]?.id;
        if (id) wished.push(errand.cancel(id));
      }
    }),
  });
  try {
    const run = await planted(leavesOf(errand), tree).delay({ owner: "u1" });
    expect(isEnded(run.run.state)).toBe(true);
    isOver = true;
    await Promise.all(wished);
    return await inOrder(store);
  } finally {
    await errand.close();
  }
}

/** The store that tells of each write after it was done. */
function wrapped(store: Store, onWrite: () => Promise<void>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === "write") {
        return async (writes: readonly Write[]) => {
          const results = await target.write(writes);
          await onWrite();
          return results;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function inOrder(store: Store): Promise<Run[]> {
  return (await store.list({}, { limit: 1000 })).reverse();
}

/** Everything that cannot be true of a tree that has ended. */
function contradictions(tree: Inner, runs: readonly Run[], wished: boolean): string[] {
  const found: string[] = [];
  const walk = (inner: Inner, container: Run): void => {
    const children = runs.filter(({ parent }) => parent === container.id);
    const isChord = inner.kind === "chord";
    const why = contradiction(container, isChord ? "stop" : inner.onFailure, children, wished);
    if (why) found.push(`${container.kind}: ${why}`);
    const parts = isChord ? [{ kind: "group" as const, onFailure: inner.onFailure, parts: inner.parts.slice(0, -1) }, inner.parts.at(-1)] : inner.parts;
    for (const [index, part] of parts.entries()) if (part && "kind" in part) walk(part, children[index] as Run);
  };
  walk(tree, runs[0] as Run);
  return found;
}
