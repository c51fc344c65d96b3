import assert from "node:assert/strict";
import type { StopDelivery } from "../../core/stops.ts";
import { change, end, insert, insertClaimed, insertEnded, leave, newArtifact, newRun } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

export function testRemoval(it: StoreTest): void {
  it("a hidden run is gone for every reader, and known until it is erased", async ({ store, other }) => {
    const kept = await insertEnded(store);
    const run = await insertClaimed(store);
    const artifact = await leave(store, newArtifact(run), { attempt: 1, worker: "worker-1" });
    await end(store, run);
    const since = (await other.endedSince(60_000, 9)).map(({ id }) => id);
    assert.deepEqual(await store.hide([run.id, newRun().id]), [run.id]);
    assert.deepEqual(await store.hide([run.id]), []);
    assert.deepEqual(await other.get([run.id, kept.id]), [kept]);
    assert.deepEqual(await other.list({}, { limit: 9 }), [kept]);
    assert.deepEqual(await other.list({ search: run.id }, { limit: 9 }), []);
    assert.deepEqual(
      (await other.endedSince(60_000, 9)).map(({ id }) => id),
      since,
      "who listens to ends hears of it all the same",
    );
    assert.equal(await other.input(run.id), null);
    assert.equal(await other.getArtifact(artifact?.id as string), null);
    assert.deepEqual(await other.listArtifacts([run.id]), []);
    assert.deepEqual(await other.pageArtifacts({}, { limit: 9 }), []);
    assert.deepEqual(await other.hidden(9), [run.id]);
    assert.deepEqual((await other.known([run.id, kept.id, newRun().id])).sort(), [kept.id, run.id].sort());
    await other.erase([run.id]);
    assert.deepEqual(await store.hidden(9), []);
    assert.deepEqual(await store.known([run.id, kept.id]), [kept.id]);
  });

  it("hiding is a change: rev tells of it", async ({ store }) => {
    const run = await insertClaimed(store);
    await store.hide([run.id]);
    const next = await change(store, run, { states: ["in_progress"] });
    assert.equal(next?.rev, run.rev + 2);
  });

  it("a run that is hidden while it is under way can still be ended, and is erased only then", async ({ store }) => {
    const run = await insertClaimed(store);
    await change(store, run, { states: ["in_progress"] }, { set: { state: "canceling", cancelRequested: { fromNow: 0 } } });
    await store.hide([run.id]);
    assert.deepEqual(await store.hidden(9), []);
    await store.erase([run.id]);
    assert.deepEqual(await store.known([run.id]), [run.id]);
    assert.deepEqual(
      (await store.held("worker-1")).map(({ id }) => id),
      [run.id],
    );
    assert.equal((await end(store, run, "canceled")).state, "canceled");
    assert.deepEqual(await store.hidden(9), [run.id]);
  });

  it("erasing touches nothing that is not hidden and ended, rows of its artifacts and events included", async ({ store }) => {
    await store.stops.register("mail");
    const run = await insertClaimed(store);
    const artifact = await leave(store, newArtifact(run), { attempt: 1, worker: "worker-1" });
    const ended = await end(store, run);
    await store.erase([run.id]);
    await store.erase([]);
    assert.deepEqual(await store.get([run.id]), [ended]);
    assert.deepEqual(await store.listArtifacts([run.id]), [artifact]);
    assert.equal((await store.stops.take({ listeners: ["mail"], limit: 9, lease: -1 })).length, 1);
    await store.erase([run.id]);
    assert.equal((await store.stops.take({ listeners: ["mail"], limit: 9, lease: -1 })).length, 1);
  });

  it("an erased run leaves nothing behind, and its id may be used again", async ({ store }) => {
    await store.stops.register("mail");
    const run = await insertClaimed(store);
    const artifact = await leave(store, newArtifact(run), { attempt: 1, worker: "worker-1" });
    await end(store, run);
    const [delivery] = await store.stops.take({ listeners: ["mail"], limit: 9, lease: -1 });
    await store.stops.again(delivery as StopDelivery, null, "given up");
    await store.hide([run.id]);
    await store.erase([run.id]);
    assert.deepEqual(await store.known([run.id]), []);
    assert.equal(await store.stops.redeliver(run.id, "mail"), false);
    await insert(store, { id: run.id });
    assert.deepEqual(await store.listArtifacts([run.id]), []);
    assert.equal(await store.getArtifact(artifact?.id as string), null);
  });

  it("a hidden run's row stays until its listeners have heard, its artifacts do not", async ({ store, other }) => {
    await store.stops.register("mail");
    const run = await insertClaimed(store);
    const artifact = await leave(store, newArtifact(run), { attempt: 1, worker: "worker-1" });
    await end(store, run);
    await store.hide([run.id]);
    assert.deepEqual(await store.hidden(9), [run.id]);
    await store.erase([run.id]);
    assert.deepEqual(await other.known([run.id]), [run.id]);
    assert.deepEqual(await other.hidden(9), [], "nothing is left to be done for it now");
    const [delivery] = await other.stops.take({ listeners: ["mail"], limit: 9, lease: -1 });
    assert.equal(delivery?.run.id, run.id);
    assert.deepEqual(await other.hidden(9), []);
    await other.stops.done(delivery as StopDelivery);
    assert.deepEqual(await other.hidden(9), [run.id]);
    await other.erase([run.id]);
    assert.deepEqual(await store.known([run.id]), []);
    await insert(store, { id: run.id });
    assert.deepEqual(await store.listArtifacts([run.id]), []);
    assert.equal(await store.getArtifact(artifact?.id as string), null);
  });

  it("nobody waits for a listener for longer than three days after the end", async ({ store }) => {
    await store.stops.register("mail");
    const run = await insertEnded(store, { ago: 3 * 86_400_000 });
    await store.hide([run.id]);
    await store.erase([run.id]);
    assert.deepEqual(await store.known([run.id]), []);
    assert.deepEqual(await store.stops.take({ listeners: ["mail"], limit: 9, lease: -1 }), []);
  });

  it("hideEnded takes what ended long enough ago, the oldest first, so many at a time", async ({ store, other }) => {
    const third = await insertEnded(store, { ago: 20_000 });
    const first = await insertEnded(store, { ago: 90_000, state: "failed" });
    const second = await insertEnded(store, { ago: 30_000, state: "canceled" });
    const young = await insertEnded(store);
    const waiting = await insert(store);
    const running = await insertClaimed(store);
    assert.deepEqual(await store.hideEnded({ age: 10_000, limit: 2 }).then((ids) => ids.sort()), [first.id, second.id].sort());
    assert.deepEqual(await store.hideEnded({ age: 10_000, limit: 2 }), [third.id]);
    assert.deepEqual(await store.hideEnded({ age: 10_000, limit: 2 }), []);
    const ids = (await other.get([first.id, second.id, third.id, young.id, waiting.id, running.id])).map(({ id }) => id).sort();
    assert.deepEqual(ids, [young.id, waiting.id, running.id].sort());
    assert.deepEqual(await other.hidden(9), [first.id, second.id, third.id].sort());
    assert.equal((await other.hidden(2)).length, 2);
  });
}
