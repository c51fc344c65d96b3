import assert from "node:assert/strict";
import { change, end, insert, insertClaimed, insertEnded } from "../fixtures.ts";
import { until } from "../until.ts";
import type { StoreTest } from "./store-test.ts";

const HOUR = 3_600_000;
const one = { id: "worker-1", host: "büro'; --", pid: 4711, queues: ["mail", 'p"df'], concurrency: 10 };
const two = { id: "worker-2", host: "cellar", pid: 2 ** 22, queues: [], concurrency: 1 };

export function testWorkers(it: StoreTest): void {
  it("workers at work are listed with what they hold, the first one first", async ({ store, other }) => {
    assert.deepEqual(await store.workers(), []);
    await store.atWork(one, HOUR);
    const [first] = await other.workers();
    await until("the clock has moved on", async () => (await insert(store)).created > (first?.started as number));
    await other.atWork(two, HOUR);
    await insertClaimed(store, { worker: "worker-1" });
    await change(store, await insertClaimed(store, { worker: "worker-1" }), { states: ["in_progress"] }, { set: { state: "canceling" } });
    await end(store, await insertClaimed(store, { worker: "worker-1" }));
    await insertClaimed(store, { worker: "worker-3" });
    const workers = await store.workers();
    assert.deepEqual(
      workers.map(({ started, seen, ...row }) => ({ ...row, isFresh: started === seen })),
      [
        { ...one, holding: 2, isFresh: true },
        { ...two, holding: 0, isFresh: true },
      ],
    );
    assert.deepEqual(workers[0], { ...first, holding: 2 });
  });

  it("a worker that tells again is the same one, seen later", async ({ store, other }) => {
    await store.atWork(one, HOUR);
    const [before] = await store.workers();
    const after = await until("the worker was seen later", async () => {
      await other.atWork(one, HOUR);
      const [row, ...more] = await store.workers();
      assert.deepEqual(more, []);
      return row && row.seen > (before?.seen as number) && row;
    });
    assert.deepEqual(after, { ...before, seen: after.seen });
  });

  it("workers that were silent for too long are forgotten by the next that tells", async ({ store }) => {
    await store.atWork(one, HOUR);
    const [before] = await store.workers();
    await until("the clock has moved on", async () => (await insert(store)).created > (before?.seen as number) + 50);
    await store.atWork(two, HOUR);
    assert.equal((await store.workers()).length, 2);
    await store.atWork(two, 50);
    assert.deepEqual(
      (await store.workers()).map(({ id }) => id),
      ["worker-2"],
    );
  });

  it("a worker never forgets itself", async ({ store }) => {
    await store.atWork(one, 0);
    assert.equal((await store.workers()).length, 1);
  });

  it("a worker that leaves is gone at once, alone", async ({ store, other }) => {
    await store.atWork(one, HOUR);
    await store.atWork(two, HOUR);
    await other.atWorkNoMore("worker-1");
    await other.atWorkNoMore("worker-1");
    assert.deepEqual(
      (await store.workers()).map(({ id }) => id),
      ["worker-2"],
    );
  });

  it("queues are counted: waiting, running, and how long the oldest due one has waited", async ({ store }) => {
    assert.deepEqual(await store.queues(), []);
    await insert(store, { queue: "mail", runAt: { fromNow: -50_000 } });
    await insert(store, { queue: "mail", runAt: { fromNow: -10 } });
    await insert(store, { queue: "mail", runAt: { fromNow: HOUR } });
    await insert(store, { queue: "later", runAt: { fromNow: HOUR } });
    await insertClaimed(store, { queue: "pdf" });
    await change(store, await insertClaimed(store, { queue: "pdf" }), { states: ["in_progress"] }, { set: { state: "canceling" } });
    await change(
      store,
      await insertClaimed(store, { queue: "pdf" }),
      { states: ["in_progress"] },
      { set: { state: "retrying", worker: null, lease: null, runAt: { fromNow: HOUR } } },
    );
    await insertEnded(store, { queue: "done" });
    const queues = (await store.queues()).sort((a, b) => (a.queue < b.queue ? -1 : 1));
    const oldest = queues.find(({ queue }) => queue === "mail")?.oldest as number;
    assert.deepEqual(queues, [
      { queue: "later", waiting: 1, running: 0, oldest: null },
      { queue: "mail", waiting: 3, running: 0, oldest },
      { queue: "pdf", waiting: 1, running: 2, oldest: null },
    ]);
    assert(oldest >= 50_000 && oldest < 50_000 + HOUR, `the oldest has waited for ${oldest} ms`);
  });

  it("ended runs are counted by minute and by how they ended", async ({ store }) => {
    assert.deepEqual(await store.endedPerMinute(5), []);
    await insertClaimed(store);
    await insert(store);
    const ended = [];
    for (const state of ["succeeded", "failed", "canceled"] as const) {
      for (const ago of [0, 130_000, 130_000]) ended.push(await insertEnded(store, { state, ago }));
    }
    await insertEnded(store, { ago: 11 * 60_000 });
    const counts = await store.endedPerMinute(10);
    const expected = new Map<number, Record<string, number>>();
    for (const run of ended) {
      const minute = Math.floor((run.ended as number) / 60_000) * 60_000;
      const entry = expected.get(minute) ?? { minute, succeeded: 0, failed: 0, canceled: 0 };
      expected.set(minute, entry);
      entry[run.state] = (entry[run.state] as number) + 1;
    }
    assert.deepEqual(
      counts,
      [...expected.values()].sort((a, b) => (a.minute as number) - (b.minute as number)),
    );
  });
}
