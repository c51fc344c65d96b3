import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Errand, Store } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { patiently } from "../../support/patiently.ts";
import { freshDatabase, tempDir } from "../../support/temp.ts";
import { aborted, gate, keptLog, openErrand } from "../fixture.ts";

const DAY = 86_400_000;
const leaves = {
  name: "leaves",
  run: (_input: unknown, { artifacts }: Parameters<Parameters<Errand["task"]>[0]["run"]>[1]) => artifacts.file("a.txt", "x").then(() => null),
};

/** A store on a file whose clock the test sets forward. */
function agingStore(file = freshDatabase()): { store: Store; pass: (ms: number) => void } {
  let ahead = 0;
  const store = sqlite({ file, clock: () => Date.now() + ahead });
  return { store, pass: (ms) => void (ahead += ms) };
}

test("a purge goes by the end: what ended long ago goes with its files, what is young, waits or runs stays, however old", async () => {
  const { store, pass } = agingStore();
  const folder = tempDir();
  const errand = openErrand({ database: store, storage: `file:${folder}`, keep: false, lease: "1h" });
  const task = errand.task(leaves);
  const begun = gate();
  const endless = errand.task({
    name: "endless",
    timeout: "1d",
    run: async (_input, { signal }) => {
      begun.open();
      throw await aborted(signal);
    },
  });
  const old = [await task.delay(null), await task.delay(null)];
  const waiting = await task.start(null, { runAt: new Date(Date.now() + 365 * DAY) });
  pass(20 * DAY);
  const running = await endless.start(null);
  await begun.opened;
  const young = await task.delay(null);
  pass(DAY / 100);
  expect(await errand.purge({ olderThan: "10d" })).toBe(2);
  expect(await Promise.all(old.map(({ id }) => errand.get(id)))).toEqual([null, null]);
  expect((await Promise.all([young, waiting, running].map(({ id }) => errand.get(id)))).map((run) => run?.state)).toEqual([
    "succeeded",
    "pending",
    "in_progress",
  ]);
  expect(old.map(({ id }) => existsSync(join(folder, "artifacts", id)))).toEqual([false, false]);
  expect(existsSync(join(folder, "artifacts", young.id))).toBe(true);
  expect(await errand.purge({ olderThan: "10d" })).toBe(0);
  expect(await errand.purge({ olderThan: 0 })).toBe(1);
});

test("the time that is asked for must be one", async () => {
  await expect(openErrand().purge({ olderThan: "30 days" as "30d" })).rejects.toThrow(RangeError);
});

test("thousands of ended runs go in batches, while others begin and end", async () => {
  const { store, pass } = agingStore();
  const errand = openErrand({ database: store, storage: `file:${tempDir()}`, keep: false });
  const task = errand.task({ name: "idle", run: () => null });
  await Promise.all(Array.from({ length: 1500 }, () => task.delay(null)));
  pass(31 * DAY);
  const purging = errand.purge({ olderThan: "30d" });
  const meanwhile = await Promise.all(Array.from({ length: 300 }, () => task.delay(null)));
  expect(await purging).toBe(1500);
  const left = (await errand.list({}, { limit: 1000 })).map(({ id }) => id).sort();
  expect(left).toEqual(meanwhile.map(({ id }) => id).sort());
});

test("with keep false nothing is ever purged by itself, else what is older goes at the start", async () => {
  const file = freshDatabase();
  const { store, pass } = agingStore(file);
  const storage = `file:${tempDir()}`;
  const before = openErrand({ database: store, storage, keep: false });
  const run = await before.task({ name: "idle", run: () => null }).delay(null);
  await before.close();
  pass(40 * DAY);
  const later = (keep: false | undefined): { errand: Errand; purged: () => number } => {
    const log = keptLog();
    const clock = agingStore(file);
    clock.pass(40 * DAY);
    return {
      errand: openErrand({ database: clock.store, storage, sweepEvery: "20ms", log, ...(keep === false && { keep }) }),
      purged: () => log.said(/Purged 1 runs/).length,
    };
  };
  const keeping = later(false);
  await keeping.errand.start();
  // A turn purges after it has swept, so after a few of them it would have.
  for (let turn = 0; turn < 3; turn++) {
    const seen = (await keeping.errand.overview()).workers[0]?.seen ?? 0;
    await expect.poll(async () => (await keeping.errand.overview()).workers[0]?.seen, patiently).toBeGreaterThan(seen);
  }
  expect(await keeping.errand.get(run.id)).not.toBeNull();
  const purging = later(undefined);
  await purging.errand.start();
  await expect.poll(() => purging.purged(), patiently).toBe(1);
  expect(await purging.errand.get(run.id)).toBeNull();
});

test("files whose run has no row are found a day later: an upload without a run, what a removal that died left", async () => {
  const folder = tempDir();
  const log = keptLog();
  const errand = openErrand({ storage: `file:${folder}`, keep: false, log });
  const run = await errand.task(leaves).delay(null);
  const put = (...path: string[]) => {
    mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true });
    writeFileSync(join(folder, ...path), "x");
  };
  // Ids of two days ago, and one of now: its row may be about to come.
  const old = ["0".repeat(8), "0000", "7000", "8000", "0".repeat(12)].join("-");
  put("uploads", old, "b");
  put("artifacts", old, "c");
  put("uploads", errand.newRunId(), "d");
  put("uploads", "not-an-id", "e");
  put("artifacts", run.id, "f");
  await errand.purge({ olderThan: "365d" });
  expect(await errand.storage.list("artifacts")).toEqual([run.id]);
  expect((await errand.storage.list("uploads")).length).toBe(2);
  expect(await errand.storage.list("uploads")).not.toContain(old);
  expect(await errand.storage.list(`artifacts/${run.id}`)).toContain("f");
  expect(log.said(/there is no such run/)).toHaveLength(2);
  // What a crash left beside a run's own files goes with it.
  await errand.remove(run.id);
  expect(await errand.storage.list("artifacts")).toEqual([]);
});
