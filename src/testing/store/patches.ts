import assert from "node:assert/strict";
import type { Patch } from "../../core/store.ts";
import { change, claim, insert, insertClaimed } from "../fixtures.ts";
import { until } from "../until.ts";
import type { StoreTest } from "./store-test.ts";

export function testPatches(it: StoreTest): void {
  it("a change sets what it names, bumps rev and modified, and leaves everything else", async ({ store, other }) => {
    const patches: readonly [Patch["set"], object][] = [
      [{}, {}],
      [{ name: "Tickets, second print" }, { name: "Tickets, second print" }],
      [{ stateText: "Row 2" }, { stateText: "Row 2" }],
      [{ stateText: { key: "run.released", params: { next: 2 } } }, { stateText: { key: "run.released", params: { next: 2 } } }],
      [{ stateText: null }, { stateText: null }],
      [{ stateText: "" }, { stateText: "" }],
      [{ completedSteps: 2 }, { completedSteps: 2 }],
      [{ totalSteps: 9 }, { totalSteps: 9 }],
      [{ result: '{"pages":[1,2]}' }, { result: { pages: [1, 2] } }],
      [{ result: "false" }, { result: false }],
      [{ result: "null" }, { result: null }],
      [
        { error: { code: "user", message: "The seat is taken.", type: "SeatError" } },
        { error: { code: "user", message: "The seat is taken.", type: "SeatError" } },
      ],
      [{ error: null }, { error: null }],
      [{ state: "in_progress", worker: "worker-1", lease: { fromNow: 1000 } }, { state: "in_progress" }],
      [{ state: "retrying", worker: null, lease: null, timeoutAt: null }, { state: "retrying" }],
    ];
    let before = await insert(store);
    for (const [set, expected] of patches) {
      const after = await change(store, before, { states: [before.state] }, { set });
      assert.deepEqual(after, { ...before, ...expected, rev: before.rev + 1, modified: after?.modified }, JSON.stringify(set));
      assert(after && after.modified >= before.modified);
      assert.deepEqual(await other.get([before.id]), [after]);
      before = after;
    }
  });

  it("modified is the store's time of the write", async ({ store }) => {
    const run = await insert(store);
    await until("the store's clock moves on", async () => ((await change(store, run, { states: ["pending"] }))?.modified as number) > run.modified);
    assert.equal((await store.get([run.id]))[0]?.created, run.created);
  });

  it("times are counted from the store's now", async ({ store }) => {
    const run = await insert(store);
    const set = { runAt: { fromNow: 4000 }, started: { fromNow: -50 }, ended: { fromNow: 0 }, cancelRequested: { fromNow: 0 }, state: "canceled" } as const;
    const written = await change(store, run, { states: ["pending"] }, { set });
    assert(written);
    assert.deepEqual([written.runAt - written.modified, (written.started as number) - written.modified, written.ended], [4000, -50, written.modified]);
  });

  it("attempt and maxAttempts are added to", async ({ store }) => {
    const run = await insert(store, { maxAttempts: 2 });
    const one = await change(store, run, { states: ["pending"] }, { add: { attempt: 1 } });
    assert.deepEqual([one?.attempt, one?.maxAttempts], [1, 2]);
    const three = await change(store, run, { states: ["pending"] }, { add: { attempt: 2, maxAttempts: 1 } });
    assert.deepEqual([three?.attempt, three?.maxAttempts], [3, 3]);
  });

  it("what is undefined is left out, and does not spoil the next change of its kind", async ({ store }) => {
    const run = await insert(store, { maxAttempts: 2 });
    const without = { set: { name: undefined, stateText: undefined }, add: { attempt: undefined, maxAttempts: 1 } } as unknown as Patch;
    assert.deepEqual((await change(store, run, { states: ["pending"] }, without))?.name, run.name);
    const written = await change(store, run, { states: ["pending"] }, { set: { name: "new", stateText: "now" }, add: { attempt: 1, maxAttempts: 1 } });
    assert.deepEqual([written?.name, written?.stateText, written?.attempt, written?.maxAttempts], ["new", "now", 1, 4]);
  });

  it("a restart of the steps goes back to the total that was planned", async ({ store }) => {
    const run = await insertClaimed(store, { totalSteps: 5 });
    await change(store, run, { states: ["in_progress"] }, { set: { completedSteps: 4, totalSteps: 9 } });
    const restarted = await change(store, run, { states: ["in_progress"] }, { set: { steps: "restart" } });
    assert.deepEqual([restarted?.completedSteps, restarted?.totalSteps], [0, 5]);
  });

  it("a second attempt is claimed with its steps restarted and its first start kept", async ({ store }) => {
    const run = await insertClaimed(store, { totalSteps: 5 });
    await change(store, run, { states: ["in_progress"] }, { set: { completedSteps: 3, stateText: "Row 3" } });
    const retrying = await change(
      store,
      run,
      { states: ["in_progress"] },
      { set: { state: "retrying", worker: null, lease: null, timeoutAt: null, runAt: { fromNow: 0 } } },
    );
    assert(retrying);
    const again = await claim(store, retrying, "worker-2");
    assert.deepEqual([again?.state, again?.attempt, again?.completedSteps, again?.stateText, again?.started], ["in_progress", 2, 0, null, run.started]);
  });

  it("no text can pass for one of Errand's own keys", async ({ store }) => {
    const run = await insert(store);
    const forged = '\0{"key":"run.released"}';
    const written = await change(store, run, { states: ["pending"] }, { set: { stateText: forged } });
    assert.equal(typeof written?.stateText, "string");
    assert.equal(written?.stateText, '{"key":"run.released"}');
  });
}
