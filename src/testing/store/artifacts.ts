import assert from "node:assert/strict";
import { StoreError } from "../../core/errors.ts";
import type { Run, RunError } from "../../core/run.ts";
import { change, claim, end, insert, insertClaimed, leave, newArtifact, newRun } from "../fixtures.ts";
import { until } from "../until.ts";
import type { StoreTest } from "./store-test.ts";
import { awkwardTexts } from "./writes.ts";

const mine = { attempt: 1, worker: "worker-1" };
const error: RunError = { code: "internal", message: { key: "run.unexpected" }, support: "1a2b3c4d" };

export function testArtifacts(it: StoreTest): void {
  it("what the holder leaves is kept as it was given, with its run's owner and the store's time", async ({ store, other }) => {
    const run = await insertClaimed(store, { owner: "u7" });
    const file = newArtifact(run, { kind: "file", name: "tickets.pdf", text: null, key: `artifacts/${run.id}/1`, type: "application/pdf", size: 2 ** 40 });
    const kept = await leave(store, file, mine);
    assert.deepEqual(kept, { ...file, owner: "u7", created: kept?.created, modified: kept?.created });
    assert(kept && kept.created >= run.modified);
    assert.deepEqual(await other.getArtifact(file.id), kept);
    const url = await leave(store, newArtifact(run, { kind: "url", text: null, url: "https://example.org/?a=1&b=%20" }), mine);
    const text = await leave(store, newArtifact(run, { text: { key: "run.told", params: { n: 1 } } }), mine);
    assert.deepEqual(await other.listArtifacts([run.id]), [kept, url, text]);
    assert.deepEqual([url?.url, text?.text], ["https://example.org/?a=1&b=%20", { key: "run.told", params: { n: 1 } }]);
  });

  for (const text of awkwardTexts) {
    it(`an artifact's text comes back as it was: ${JSON.stringify(text)}`, async ({ store }) => {
      const run = await insertClaimed(store);
      const kept = await leave(store, newArtifact(run, { name: text, text, type: text }), mine);
      assert.deepEqual([kept?.name, kept?.text, kept?.type], [text, text, text]);
      assert.deepEqual(await store.getArtifact(kept?.id as string), kept);
      assert.equal(await store.getArtifact(text), null);
      assert.deepEqual(await store.listArtifacts([text]), []);
    });
  }

  it("whoever does not hold the run leaves nothing", async ({ store }) => {
    const run = await insertClaimed(store);
    const kept = await leave(store, newArtifact(run), mine);
    assert(kept);
    const refused = async (guard: typeof mine) => {
      assert.equal(await leave(store, newArtifact(run), guard), null);
      assert.equal(await store.resizeArtifact(kept.id, 99, guard), null);
    };
    await refused({ attempt: 2, worker: "worker-1" });
    await refused({ attempt: 0, worker: "worker-1" });
    await refused({ attempt: 1, worker: "worker-2" });
    const retrying = await change(
      store,
      run,
      { states: ["in_progress"] },
      { set: { state: "retrying", worker: null, lease: null, timeoutAt: null, runAt: { fromNow: 0 } } },
    );
    assert(retrying);
    await refused(mine);
    const second = await claim(store, retrying, "worker-1");
    assert.equal(second?.attempt, 2);
    await refused(mine);
    const ended = await end(store, run);
    await refused({ attempt: 2, worker: "worker-1" });
    assert.equal(await leave(store, newArtifact({ id: kept.id, attempt: 1 }), mine), null);
    assert.deepEqual(await store.pageArtifacts({}, { limit: 9 }), [kept]);
    assert.equal((await store.get([run.id]))[0]?.rev, ended.rev);
  });

  it("leaving something is a change of the run like any other, which other handles hear of", async ({ store, other }) => {
    const [run] = (await store.get([(await insertClaimed(store)).id])) as [Run];
    let [awaited, told] = ["", Promise.withResolvers<void>()];
    // A store that names runs is to name this one: it may look by itself, too, now and then.
    let isNaming = false;
    const stop = other.watch((written) => {
      isNaming ||= written !== undefined;
      if (written?.some(({ id }) => id === awaited) ?? !isNaming) told.resolve();
    });
    try {
      // The first word may mean anything. Once a run is told of after that, so has been all that was written before it.
      for (const before of [newRun(), newRun()]) {
        awaited = before.id;
        await store.write([{ insert: before }]);
        await told.promise;
        told = Promise.withResolvers<void>();
      }
      awaited = run.id;
      const left = await store.insertArtifact(newArtifact(run), mine);
      assert(left);
      assert.deepEqual(left.run, { ...run, rev: run.rev + 1, modified: left.run.modified });
      assert(left.run.modified >= run.modified);
      assert.equal(left.artifact.created, left.run.modified);
      await told.promise;
      assert.deepEqual(await other.getWithArtifacts(run.id), { run: left.run, artifactIds: [left.artifact.id] });
      assert.equal(await store.insertArtifact(newArtifact(run), { attempt: 1, worker: "worker-2" }), null);
      await assert.rejects(store.insertArtifact(newArtifact(run, { id: left.artifact.id }), mine), StoreError);
      assert.equal((await store.getWithArtifacts(run.id))?.run.rev, left.run.rev);
    } finally {
      stop();
    }
  });

  it("what is left at the same time, through several handles, all stands, each with a change of the run of its own", async ({ store, other }) => {
    const run = await insertClaimed(store);
    const artifacts = Array.from({ length: 20 }, (_, index) => newArtifact(run, { name: `Part ${index}` }));
    const left = await Promise.all(artifacts.map((artifact, index) => (index % 2 === 0 ? store : other).insertArtifact(artifact, mine)));
    const revs = left.map((each) => each?.run.rev ?? 0).sort((one, two) => one - two);
    assert.deepEqual(
      revs,
      artifacts.map((_, index) => run.rev + 1 + index),
    );
    for (const [index, each] of left.entries()) {
      assert.equal(each?.artifact.name, `Part ${index}`);
      assert.equal(each.artifact.created, each.run.modified);
    }
    assert.deepEqual(
      await store.listArtifacts([run.id]),
      left.map((each) => each?.artifact),
    );
    assert.equal((await other.get([run.id]))[0]?.rev, run.rev + artifacts.length);
  });

  it("what is left while the run ends stands before its end, or not at all", async ({ store, other }) => {
    const guard = { states: ["in_progress"], ...mine } as const;
    const set = { state: "succeeded", worker: null, lease: null, timeoutAt: null, ended: { fromNow: 0 } } as const;
    for (let round = 0; round < 20; round += 1) {
      const run = await insertClaimed(store);
      const early = round % 2 === 0 ? change(other, run, guard, { set }) : undefined;
      const leaving = store.insertArtifact(newArtifact(run), mine);
      const [left, ended] = await Promise.all([leaving, early ?? change(other, run, guard, { set })]);
      assert.equal(ended?.rev, run.rev + (left ? 2 : 1));
      assert.deepEqual(await other.getWithArtifacts(run.id), { run: ended, artifactIds: left ? [left.artifact.id] : [] });
    }
  });

  it("a canceling run may still leave something", async ({ store }) => {
    const run = await insertClaimed(store);
    await change(store, run, { states: ["in_progress"] }, { set: { state: "canceling", cancelRequested: { fromNow: 0 } } });
    const kept = await leave(store, newArtifact(run, { size: 1 }), mine);
    assert.equal((await store.resizeArtifact(kept?.id as string, 2, mine))?.size, 2);
  });

  it("resizing sets the size and the time, nothing else", async ({ store }) => {
    const run = await insertClaimed(store);
    const kept = await leave(store, newArtifact(run, { size: 1 }), mine);
    assert(kept);
    const grown = await until("the clock has moved on", async () => {
      const resized = await store.resizeArtifact(kept.id, 2, mine);
      return resized && resized.modified > kept.modified && resized;
    });
    assert.deepEqual(grown, { ...kept, size: 2, modified: grown.modified });
    assert.deepEqual(await store.getArtifact(kept.id), grown);
    assert.equal(await store.resizeArtifact(run.id, 2, mine), null);
  });

  it("an artifact's id exists once", async ({ store }) => {
    const run = await insertClaimed(store);
    const kept = await leave(store, newArtifact(run), mine);
    assert(kept);
    await assert.rejects(
      leave(store, newArtifact(run, { id: kept.id, text: "another" }), mine),
      (thrown) => thrown instanceof StoreError && thrown.failure === "conflict",
    );
    assert.deepEqual(await store.listArtifacts([run.id]), [kept]);
  });

  it("artifacts are listed for several runs, oldest first, and paged by owner and run, newest first", async ({ store }) => {
    const one = await insertClaimed(store, { owner: "u1" });
    const two = await insertClaimed(store, { owner: "u2" });
    const nobodys = await insertClaimed(store, { owner: null });
    const kept = [];
    for (const run of [two, one, nobodys, one]) kept.push((await leave(store, newArtifact(run), mine))?.id as string);
    const [a, b, c, d] = kept as [string, string, string, string];
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
    assert.deepEqual(ids(await store.listArtifacts([one.id, two.id])), [a, b, d]);
    assert.deepEqual(await store.listArtifacts([]), []);
    const page = async (...args: Parameters<typeof store.pageArtifacts>) => ids(await store.pageArtifacts(...args));
    assert.deepEqual(await page({}, { limit: 3 }), [d, c, b]);
    assert.deepEqual(await page({}, { limit: 3, before: b }), [a]);
    assert.deepEqual(await page({ owner: "u1" }, { limit: 9 }), [d, b]);
    assert.deepEqual(await page({ owner: "u1" }, { limit: 9, before: d }), [b]);
    assert.deepEqual(await page({ owner: null }, { limit: 9 }), [c]);
    assert.deepEqual(await page({ run: two.id }, { limit: 9 }), [a]);
    assert.deepEqual(await page({ run: two.id, owner: "u1" }, { limit: 9 }), []);
  });

  it("a run, and a list, tell the ids of what each left, oldest first, and are hidden with them", async ({ store, other }) => {
    const [none, one, two] = [await insertClaimed(store), await insertClaimed(store), await insertClaimed(store)];
    const kept: string[] = [];
    for (const run of [two, one, two, two]) kept.push((await leave(store, newArtifact(run), mine))?.id as string);
    const [a, b, c, d] = kept as [string, string, string, string];
    const [newest, middle, oldest] = (await other.list({}, { limit: 9 })) as [Run, Run, Run];
    assert.deepEqual([newest.id, middle.id, oldest.id], [two.id, one.id, none.id]);
    const entries = [
      { run: newest, artifactIds: [a, c, d] },
      { run: middle, artifactIds: [b] },
      { run: oldest, artifactIds: [] },
    ];
    assert.deepEqual(await other.listWithArtifacts({}, { limit: 9 }), entries);
    assert.deepEqual(await other.listWithArtifacts({}, { limit: 1, before: two.id }), entries.slice(1, 2));
    for (const entry of entries) assert.deepEqual(await other.getWithArtifacts(entry.run.id), entry);
    assert.equal(await other.getWithArtifacts(newArtifact(one).id), null);
    await store.hide([two.id]);
    assert.equal(await other.getWithArtifacts(two.id), null);
    assert.deepEqual(await other.listWithArtifacts({}, { limit: 9 }), entries.slice(1));
  });

  it("what a change leaves stands when the change does", async ({ store, other }) => {
    const run = await insertClaimed(store, { owner: "u7" });
    const leave = newArtifact(run, { name: "Error", text: { key: "run.unexpected" } });
    const failed = await change(store, run, { states: ["in_progress"], ...mine }, { set: { state: "failed", error, ended: { fromNow: 0 } } }, { leave });
    assert.equal(failed?.state, "failed");
    const [kept, ...more] = await other.listArtifacts([run.id]);
    assert.deepEqual(kept, { ...leave, owner: "u7", created: failed?.ended, modified: failed?.ended });
    assert.deepEqual(more, []);
  });

  it("what a change leaves falls with it, even when the run ended so by another hand", async ({ store, other }) => {
    const run = await insertClaimed(store);
    const fail = { set: { state: "failed", error, ended: { fromNow: 0 } } } as const;
    assert.equal(
      await change(store, run, { states: ["in_progress"], attempt: 1, worker: "worker-2" }, fail, { leave: newArtifact(run, { name: "Error" }) }),
      null,
    );
    assert(await change(other, run, { states: ["in_progress"] }, fail));
    assert.equal(await change(store, run, { states: ["in_progress"], ...mine }, fail, { leave: newArtifact(run, { name: "Error" }) }), null);
    assert.deepEqual(await store.listArtifacts([run.id]), []);
  });

  it("a change falls when what it leaves cannot be kept, and takes no neighbour with it", async ({ store }) => {
    const run = await insertClaimed(store);
    const kept = await leave(store, newArtifact(run), mine);
    const fail = { set: { state: "failed", error, ended: { fromNow: 0 } } } as const;
    const neighbour = await insert(store);
    const [before, refused, after] = await store.write([
      { change: { id: neighbour.id, guard: { states: ["pending"] }, patch: { set: { name: "before" } } } },
      { change: { id: run.id, guard: { states: ["in_progress"] }, patch: fail, leave: newArtifact(run, { id: kept?.id as string }) } },
      { change: { id: neighbour.id, guard: { states: ["pending"] }, patch: { set: { completedSteps: 1 } } } },
    ]);
    assert(refused instanceof StoreError);
    assert(before && after);
    assert.deepEqual((await store.get([run.id]))[0]?.state, "in_progress");
    assert.deepEqual(await store.get([neighbour.id]), [after]);
    assert.deepEqual(await store.listArtifacts([run.id]), [kept]);
  });
}
