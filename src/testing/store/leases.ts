import assert from "node:assert/strict";
import type { Store, Stray } from "../../core/store.ts";
import { change, end, insert, insertClaimed } from "../fixtures.ts";
import { until } from "../until.ts";
import type { StoreTest } from "./store-test.ts";

const HOUR = 3_600_000;

async function strays(store: Store, options: Partial<Parameters<Store["strays"]>[0]> = {}): Promise<Stray[]> {
  return store.strays({ cancelGrace: HOUR, undeliveredAfter: HOUR, limit: 100, ...options });
}

async function strayIds(store: Store): Promise<string[]> {
  return (await strays(store)).map(({ run }) => run.id).sort();
}

export function testLeases(it: StoreTest): void {
  it("what a worker holds is what it claimed and has not ended", async ({ store, other }) => {
    const one = await insertClaimed(store, { worker: "worker-1" });
    const two = await insertClaimed(store, { worker: "worker-1" });
    await insertClaimed(store, { worker: "worker-2" });
    await insert(store);
    await end(store, await insertClaimed(store, { worker: "worker-1" }));
    await change(store, two, { states: ["in_progress"] }, { set: { state: "canceling", cancelRequested: { fromNow: 0 } } });
    const expected = [
      { id: one.id, attempt: 1, state: "in_progress" },
      { id: two.id, attempt: 1, state: "canceling" },
    ];
    const byId = (held: readonly { id: string }[]) => [...held].sort((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(byId(await other.held("worker-1")), expected);
    assert.deepEqual(byId(await other.renew("worker-1", 60_000)), expected);
    assert.deepEqual(await store.held("worker-3"), []);
    assert.deepEqual(await store.renew("worker-3", 60_000), []);
  });

  it("renewing saves every lease of this worker and no other", async ({ store, other }) => {
    const mine = [await insertClaimed(store, { worker: "worker-1", lease: -1 }), await insertClaimed(store, { worker: "worker-1", lease: -1 })];
    const theirs = await insertClaimed(store, { worker: "worker-2", lease: -1 });
    assert.deepEqual(await strayIds(other), [...mine, theirs].map(({ id }) => id).sort());
    await other.renew("worker-1", 60_000);
    assert.deepEqual(await strayIds(store), [theirs.id]);
    await other.renew("worker-1", -1);
    assert.equal((await strayIds(store)).length, 3);
  });

  it("renewing changes nothing that can be seen", async ({ store }) => {
    const { input: _, trace: __, ...run } = await insertClaimed(store, { worker: "worker-1" });
    await store.renew("worker-1", 60_000);
    assert.deepEqual(await store.get([run.id]), [run]);
  });

  it("a lease never reaches past the attempt's timeout, neither at the claim nor by renewing", async ({ store }) => {
    const late = await insertClaimed(store, { worker: "worker-1", timeout: -1, lease: HOUR });
    assert.deepEqual(await strayIds(store), [late.id]);
    await store.renew("worker-1", HOUR);
    assert.deepEqual(await strayIds(store), [late.id]);

    const soon = await insertClaimed(store, { worker: "worker-2", timeout: 40, lease: 1 });
    await store.renew("worker-2", HOUR);
    const stray = await until("the renewed lease ends with its attempt's timeout", async () => (await strays(store)).find(({ run }) => run.id === soon.id));
    assert.deepEqual([stray.kind, stray.timedOut, stray.timeout], ["lease_expired", true, 40]);
  });

  it("a lease that ran out is a stray, with whether its time was up", async ({ store, other }) => {
    const lost = await insertClaimed(store, { lease: -1, timeout: 5000 });
    const timedOut = await insertClaimed(store, { lease: 60_000, timeout: -5 });
    await insertClaimed(store);
    const found = await strays(other);
    assert.deepEqual(
      new Map(found.map(({ run, kind, timedOut: isTimeout, timeout }) => [run.id, [kind, isTimeout, timeout]])),
      new Map([
        [lost.id, ["lease_expired", false, 5000]],
        [timedOut.id, ["lease_expired", true, -5]],
      ]),
    );
    const { input: _, trace: __, ...run } = lost;
    assert.deepEqual(found.find((stray) => stray.run.id === lost.id)?.run, run);
  });

  it("a canceling run whose lease ran out is a stray for that reason", async ({ store }) => {
    const run = await insertClaimed(store, { lease: -1 });
    await change(store, run, { states: ["in_progress"] }, { set: { state: "canceling", cancelRequested: { fromNow: -2 * HOUR } } });
    assert.deepEqual(
      (await strays(store)).map(({ kind, run: { state } }) => [kind, state]),
      [["lease_expired", "canceling"]],
    );
  });

  it("a cancel wish is a stray once its grace is over, even while the worker renews", async ({ store }) => {
    const run = await insertClaimed(store, { worker: "worker-1" });
    await change(store, run, { states: ["in_progress"] }, { set: { state: "canceling", cancelRequested: { fromNow: -30_000 } } });
    await store.renew("worker-1", 60_000);
    assert.deepEqual(await strays(store, { cancelGrace: 60_000 }), []);
    const [stray] = await strays(store, { cancelGrace: 29_000 });
    assert.deepEqual([stray?.kind, stray?.run.id, stray?.timedOut], ["cancel_ignored", run.id, false]);
  });

  it("a waiting run is undelivered once it is late, counted from its runAt", async ({ store }) => {
    const late = await insert(store, { runAt: { fromNow: -20_000 }, timeout: 7 });
    const retrying = await insertClaimed(store);
    await change(
      store,
      retrying,
      { states: ["in_progress"] },
      { set: { state: "retrying", worker: null, lease: null, timeoutAt: null, runAt: { fromNow: -15_000 } } },
    );
    await insert(store, { runAt: { fromNow: 20_000 } });
    await insert(store);
    await end(store, await insertClaimed(store, { runAt: { fromNow: -20_000 } }));
    const found = await strays(store, { undeliveredAfter: 10_000 });
    assert.deepEqual(
      found.map(({ kind, run, timedOut }) => [kind, run.id, timedOut]),
      [
        ["undelivered", late.id, false],
        ["undelivered", retrying.id, false],
      ],
    );
    assert.equal(found[0]?.timeout, 7);
    assert.deepEqual(await strays(store, { undeliveredAfter: 30_000 }), []);
  });

  it("a full house of one kind of stray does not hide another", async ({ store }) => {
    for (let count = 0; count < 4; count += 1) {
      await insertClaimed(store, { lease: -1 });
      await insert(store, { runAt: { fromNow: -5000 } });
    }
    const kinds = (await strays(store, { undeliveredAfter: 1000, limit: 2 })).map(({ kind }) => kind);
    assert.deepEqual(new Set(kinds), new Set(["lease_expired", "undelivered"]));
    assert(kinds.length <= 4, "at most `limit` of each kind");
  });

  it("nothing that ended or waits in time is a stray", async ({ store }) => {
    await insert(store, { runAt: { fromNow: HOUR } });
    const run = await insertClaimed(store, { lease: -1 });
    await end(store, run);
    await insertClaimed(store);
    assert.deepEqual(await strays(store, { cancelGrace: 0, undeliveredAfter: 0 }), []);
  });
}
