import assert from "node:assert/strict";
import type { Run } from "../../core/run.ts";
import { states } from "../../core/states.ts";
import type { Guard, Store } from "../../core/store.ts";
import { change, claim, end, insert, insertClaimed, insertEnded } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

/** The write is done when the guard holds, and else changes nothing at all. */
async function expectGuard(store: Store, run: Run, guard: Guard, holds: boolean): Promise<Run> {
  const before = (await store.get([run.id]))[0] as Run;
  const written = await change(store, run, guard, { set: { name: `written at ${before.rev}` }, add: { maxAttempts: 1 } });
  const after = (await store.get([run.id]))[0] as Run;
  const said = `${JSON.stringify(guard)} of a run that is ${before.state}`;
  if (!holds) {
    assert.equal(written, null, `${said} must lose`);
    assert.deepEqual(after, before, `${said} lost, yet something changed`);
  } else {
    assert.deepEqual(
      written,
      { ...before, name: `written at ${before.rev}`, maxAttempts: before.maxAttempts + 1, rev: before.rev + 1, modified: written?.modified },
      `${said} must hold`,
    );
    assert.deepEqual(after, written, "the returned run is what a reader sees");
  }
  return after;
}

export function testGuards(it: StoreTest): void {
  it("a guard's states decide, for every state", async ({ store }) => {
    const canceling = await insertClaimed(store);
    await change(store, canceling, { states: ["in_progress"] }, { set: { state: "canceling" } });
    const retrying = await insertClaimed(store);
    await change(store, retrying, { states: ["in_progress"] }, { set: { state: "retrying", worker: null, lease: null } });
    const runs = [
      await insert(store),
      await insertClaimed(store),
      retrying,
      canceling,
      ...(await Promise.all((["succeeded", "failed", "canceled"] as const).map((state) => insertEnded(store, { state })))),
    ];
    const found = await store.get(runs.map(({ id }) => id));
    assert.deepEqual(new Set(found.map(({ state }) => state)), new Set(states));
    for (const run of found) {
      await expectGuard(store, run, { states: [run.state] }, true);
      await expectGuard(store, run, { states }, true);
      await expectGuard(store, run, { states: states.filter((state) => state !== run.state) }, false);
      await expectGuard(store, run, { states: [] }, false);
    }
  });

  it("a guard's attempt decides", async ({ store }) => {
    const run = await insertClaimed(store);
    await expectGuard(store, run, { states, attempt: 1 }, true);
    await expectGuard(store, run, { states, attempt: 0 }, false);
    await expectGuard(store, run, { states, attempt: 2 }, false);
  });

  it("a guard's worker decides, and nobody is no worker", async ({ store }) => {
    const run = await insertClaimed(store, { worker: "worker-1" });
    await expectGuard(store, run, { states, worker: "worker-1" }, true);
    await expectGuard(store, run, { states, worker: "worker-2" }, false);
    await expectGuard(store, run, { states, worker: "" }, false);
    await expectGuard(store, await insert(store), { states, worker: "worker-1" }, false);
    await expectGuard(store, await end(store, run), { states, worker: "worker-1" }, false);
  });

  it("a guard of a lease that has run out holds from its end on", async ({ store }) => {
    await expectGuard(store, await insertClaimed(store, { lease: 60_000 }), { states, leaseExpired: true }, false);
    await expectGuard(store, await insertClaimed(store, { lease: -1 }), { states, leaseExpired: true }, true);
    await expectGuard(store, await insertClaimed(store, { lease: 0 }), { states, leaseExpired: true }, true);
    await expectGuard(store, await insert(store), { states, leaseExpired: true }, false);
  });

  it("a guard of an old cancel wish counts from the wish", async ({ store }) => {
    const run = await insertClaimed(store);
    await expectGuard(store, run, { states, cancelOlderThan: 0 }, false);
    await change(store, run, { states }, { set: { state: "canceling", cancelRequested: { fromNow: -30_000 } } });
    await expectGuard(store, run, { states, cancelOlderThan: 29_000 }, true);
    await expectGuard(store, run, { states, cancelOlderThan: 30_000 }, true);
    await expectGuard(store, run, { states, cancelOlderThan: 90_000 }, false);
  });

  it("a guard of due runs waits for runAt", async ({ store }) => {
    await expectGuard(store, await insert(store, { runAt: { fromNow: 0 } }), { states, due: true }, true);
    await expectGuard(store, await insert(store, { runAt: { fromNow: -5000 } }), { states, due: true }, true);
    await expectGuard(store, await insert(store, { runAt: { fromNow: 60_000 } }), { states, due: true }, false);
    await expectGuard(store, await insert(store, { runAt: { fromNow: 60_000 } }), { states }, true);
  });

  it("everything in a guard must hold at once", async ({ store }) => {
    const run = await insertClaimed(store, { worker: "worker-1", lease: -1 });
    await change(store, run, { states }, { set: { state: "canceling", cancelRequested: { fromNow: -5000 } } });
    const all = { states: ["canceling"], attempt: 1, worker: "worker-1", leaseExpired: true, cancelOlderThan: 1000, due: true } as const;
    await expectGuard(store, run, all, true);
    for (const wrong of [{ states: ["in_progress"] }, { attempt: 2 }, { worker: "worker-2" }, { cancelOlderThan: 90_000 }] as const)
      await expectGuard(store, run, { ...all, ...wrong }, false);
  });

  it("of many claims of one attempt through two handles, one holds", async ({ store, other }) => {
    const runs = await Promise.all(Array.from({ length: 10 }, () => insert(store)));
    for (const run of runs) {
      const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => claim(index % 2 === 0 ? store : other, run, `worker-${index}`)));
      const won = claims.filter((claimed) => claimed !== null);
      assert.equal(won.length, 1);
      assert.equal(won[0]?.attempt, 1);
      assert.deepEqual((await other.get([run.id]))[0]?.rev, 2);
    }
  });

  it("of two endings through two handles, one holds", async ({ store, other }) => {
    for (let round = 0; round < 10; round += 1) {
      const run = await insertClaimed(store);
      const guard = { states: ["in_progress"], attempt: 1 } as const;
      const endings = await Promise.all([
        change(store, run, guard, { set: { state: "succeeded", ended: { fromNow: 0 } } }),
        change(other, run, guard, { set: { state: "failed", ended: { fromNow: 0 } } }),
      ]);
      const [winner, ...more] = endings.filter((ended) => ended !== null);
      assert.equal(more.length, 0);
      assert.deepEqual(await store.get([run.id]), [winner]);
    }
  });

  it("changes of one run through two handles all count", async ({ store, other }) => {
    const run = await insert(store);
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => change(index % 2 === 0 ? store : other, run, { states: ["pending"] }, { add: { maxAttempts: 1 } })),
    );
    const [read] = await store.get([run.id]);
    assert.deepEqual([read?.maxAttempts, read?.rev], [run.maxAttempts + 40, 41]);
  });
}
