import assert from "node:assert/strict";
import type { History } from "../../core/estimate.ts";
import { change, insert, insertClaimed, insertEnded } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

export function testEstimates(it: StoreTest): void {
  it("the named steps of a run go on with its progress, and begin anew with its next attempt", async ({ store, other }) => {
    const steps = ["Read", "Draw", "Store"].map((label) => ({ label, weight: 1 }));
    const run = await insertClaimed(store, { steps, totalSteps: 3 });
    assert.equal(run.stepStarted, run.started);
    const drawn = await change(
      store,
      run,
      { states: ["in_progress"] },
      { set: { step: 1, stepFrom: 1, completedSteps: 4, totalSteps: 9, stepStarted: { fromNow: -500 } } },
    );
    assert(drawn);
    assert.deepEqual({ ...drawn, modified: 0 }, { ...drawn, steps, step: 1, stepFrom: 1, completedSteps: 4, totalSteps: 9, modified: 0 });
    assert.equal(drawn.stepStarted, drawn.modified - 500);
    assert.deepEqual(await other.get([run.id]), [drawn]);
    const again = await change(store, run, { states: ["in_progress"] }, { set: { steps: "restart" } });
    assert.deepEqual([again?.step, again?.stepFrom, again?.completedSteps, again?.totalSteps], [0, 0, 0, 3]);
  });

  it("what runs of a task took is kept for every handle, the last word counting", async ({ store, other }) => {
    const first: History = { steps: [], samples: [{ steps: 3, spans: [1200] }] };
    const second: History = { steps: ["Read “it”", "app.draw"], samples: [{ steps: 2, spans: [1000, 0] }] };
    assert.equal(await store.estimates.history("t"), null);
    await store.estimates.keepHistory("t", first);
    assert.deepEqual(await other.estimates.history("t"), first);
    await other.estimates.keepHistory("t", second);
    assert.deepEqual(await store.estimates.history("t"), second);
    assert.equal(await store.estimates.history("T"), null);
  });

  it("before a run are the due ones of its queue that are more urgent, then older", async ({ store, other }) => {
    const at = Date.UTC(2020, 0, 1);
    const mine = await insert(store, { runAt: at });
    await insert(store, { priority: 1 });
    await insert(store, { priority: 1, queue: "mail" });
    await insert(store, { priority: 2, runAt: { fromNow: 60_000 } });
    await insert(store, { runAt: at - 1 });
    await insert(store, { runAt: at + 1 });
    await insert(store, { priority: -1, runAt: at - 9 });
    await insertClaimed(store, { priority: 9 });
    const younger = await insert(store, { runAt: at });
    assert.deepEqual(await other.estimates.ahead(mine, 100), { count: 2, isMore: false });
    assert.deepEqual(await other.estimates.ahead(younger, 100), { count: 3, isMore: false });
  });

  it("no more are counted than asked for", async ({ store }) => {
    const at = Date.UTC(2020, 0, 1);
    for (let index = 0; index < 4; index++) await insert(store, { runAt: at });
    const mine = await insert(store, { runAt: at });
    assert.deepEqual(await store.estimates.ahead(mine, 4), { count: 4, isMore: false });
    assert.deepEqual(await store.estimates.ahead(mine, 3), { count: 3, isMore: true });
  });

  it("the pace is that of the queue among what ended lately", async ({ store, other }) => {
    assert.deepEqual(await store.estimates.pace("default", { within: 60_000, most: 10 }), { ended: 0, span: 0 });
    await insertEnded(store, { ago: 90_000 });
    await insertEnded(store, { ago: 20_000 });
    await insertEnded(store, { ago: 10_000, state: "failed" });
    await insertEnded(store, { ago: 5000, queue: "mail" });
    await insert(store);
    const near = ({ ended, span }: { ended: number; span: number }, least: number) => {
      assert(span >= least && span < least + 60_000, `the span is ${span}, not about ${least}`);
      return ended;
    };
    assert.equal(near(await other.estimates.pace("default", { within: 60_000, most: 10 }), 20_000), 2);
    assert.equal(near(await other.estimates.pace("mail", { within: 60_000, most: 10 }), 20_000), 1);
    assert.equal(near(await other.estimates.pace("default", { within: 60_000, most: 2 }), 10_000), 1);
    assert.equal(near(await other.estimates.pace("default", { within: 600_000, most: 10 }), 90_000), 3);
  });
}
