import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/store.ts";
import { Writer } from "../../src/runtime/writer.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { newRun } from "../../src/testing/index.ts";

/** A store that keeps its runs in memory, and notes which runs came together. */
async function notingStore(): Promise<{ store: Store; groups: string[][] }> {
  const kept = sqlite(":memory:");
  onTestFinished(() => kept.close());
  await kept.migrate();
  const groups: string[][] = [];
  const store = new Proxy(kept, {
    get(target, name) {
      if (name !== "write") return Reflect.get(target, name, target);
      return (writes: Parameters<Store["write"]>[0]) => {
        groups.push(writes.map((write) => ("insert" in write ? write.insert.id : write.change.id)));
        return target.write(writes);
      };
    },
  });
  return { store, groups };
}

const many = (count: number) => Array.from({ length: count }, () => newRun());

test("what one turn of the event loop writes goes together, but not more than a moment's work", async () => {
  for (const [count, sizes] of [
    [1, [1]],
    [100, [100]],
    [501, [500, 1]],
  ] as const) {
    const { store, groups } = await notingStore();
    const heard: string[] = [];
    const writer = new Writer(store, (run) => heard.push(run.id));
    const runs = many(count);
    const written = await Promise.all(runs.map((run) => writer.insert(run)));
    expect(written.map((run) => run?.id)).toEqual(runs.map(({ id }) => id));
    expect(heard).toEqual(runs.map(({ id }) => id));
    expect(groups.map(({ length }) => length)).toEqual(sizes);
  }
});

test("what is written of one run is written in order", async () => {
  const { store, groups } = await notingStore();
  const writer = new Writer(store, () => {});
  const runs = many(40);
  const [first] = runs as [ReturnType<typeof newRun>];
  await writer.insert(first);
  groups.length = 0;
  const name = (text: string) => writer.change({ id: first.id, guard: { states: ["pending"] }, patch: { set: { name: text } } });
  const results = await Promise.all([name("one"), ...runs.slice(1).map((run) => writer.insert(run)), name("two")]);
  expect(groups).toHaveLength(1);
  expect([results.at(0)?.rev, results.at(-1)?.rev, results.at(-1)?.name]).toEqual([2, 3, "two"]);
});
