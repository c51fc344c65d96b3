import assert from "node:assert/strict";
import type { StopDelivery } from "../../core/stops.ts";
import type { Store } from "../../core/store.ts";
import { end, insert, insertClaimed, insertEnded, newRun } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

type Event = Omit<StopDelivery, "run">;

const LEASE = 60_000;

/** What was taken, once it is sure that each came with its ended run. */
async function take(store: Store, listeners: readonly string[], { limit = 100, lease = LEASE } = {}): Promise<Event[]> {
  return (await store.stops.take({ listeners, limit, lease })).map(({ run, ...delivery }) => {
    assert.equal(run.id, delivery.runId);
    assert.notEqual(run.ended, null);
    return delivery;
  });
}

export function testStops(it: StoreTest): void {
  it("a listener hears of every run that ends after it registered, whoever ends it and however", async ({ store, other }) => {
    await insertEnded(store);
    await store.stops.register("mail");
    const ended = [await insertEnded(store), await insertEnded(other, { state: "failed" }), await end(other, await insert(store), "canceled")];
    await insert(store);
    await insertClaimed(store);
    const heard = await take(other, ["mail"]);
    assert.deepEqual(new Set(heard.map(({ runId }) => runId)), new Set(ended.map(({ id }) => id)));
    assert.deepEqual(new Set(heard.map(({ listener, tries }) => `${listener} ${tries}`)), new Set(["mail 1"]));
    assert.equal(heard.length, 3);
  });

  it("registering again changes nothing, and each listener hears on its own", async ({ store, other }) => {
    await store.stops.register("mail");
    await other.stops.register("mail");
    await store.stops.register("chat'; --");
    const run = await insertEnded(store);
    assert.deepEqual(await take(store, ["mail"]), [{ runId: run.id, listener: "mail", tries: 1 }]);
    assert.deepEqual(await take(other, ["mail", "chat'; --"]), [{ runId: run.id, listener: "chat'; --", tries: 1 }]);
    assert.deepEqual(await take(store, []), []);
    assert.deepEqual(await take(store, ["nobody"]), []);
  });

  it("a listener that registers late hears nothing of what ended before, heard of or not", async ({ store }) => {
    await store.stops.register("mail");
    const run = await insertEnded(store);
    await store.stops.register("chat");
    assert.deepEqual(await take(store, ["chat"]), []);
    assert.deepEqual(await take(store, ["mail"]), [{ runId: run.id, listener: "mail", tries: 1 }]);
  });

  it("of many takers, one gets an event", async ({ store, other }) => {
    await store.stops.register("mail");
    const runs = await Promise.all(Array.from({ length: 30 }, () => insertEnded(store)));
    const taken = (await Promise.all(Array.from({ length: 12 }, (_, index) => take(index % 2 === 0 ? store : other, ["mail"], { limit: 5 })))).flat();
    assert.deepEqual(taken.map(({ runId }) => runId).sort(), runs.map(({ id }) => id).sort());
    assert(taken.every(({ tries }) => tries === 1));
  });

  it("more events than fit are taken in turns, none lost", async ({ store }) => {
    await store.stops.register("mail");
    await store.write(Array.from({ length: 600 }, () => ({ insert: newRun() })));
    for (;;) {
      const { deliveries } = await store.due({ queues: [], limit: 200, except: [] });
      if (deliveries.length === 0) break;
      await store.write(
        deliveries.map(({ runId }) => ({
          change: { id: runId, guard: { states: ["pending"] }, patch: { set: { state: "canceled", ended: { fromNow: 0 } } } },
        })),
      );
    }
    const heard = new Set<string>();
    for (;;) {
      const taken = await take(store, ["mail"], { limit: 100 });
      assert(taken.length <= 100);
      if (taken.length === 0) break;
      for (const { runId } of taken) {
        assert(!heard.has(runId), "an event that was taken came again");
        heard.add(runId);
      }
    }
    assert.equal(heard.size, 600);
  });

  it("what nobody confirmed comes again when its lease is over, with its tries counted", async ({ store, other }) => {
    await store.stops.register("mail");
    const run = await insertEnded(store);
    assert.deepEqual(await take(store, ["mail"], { lease: -1 }), [{ runId: run.id, listener: "mail", tries: 1 }]);
    assert.deepEqual(await take(other, ["mail"]), [{ runId: run.id, listener: "mail", tries: 2 }]);
    assert.deepEqual(await take(store, ["mail"]), []);
  });

  it("what was heard is done, for this listener only", async ({ store }) => {
    await store.stops.register("mail");
    await store.stops.register("chat");
    const run = await insertEnded(store);
    const [mail] = await take(store, ["mail"], { lease: -1 });
    await store.stops.done(mail as StopDelivery);
    assert.deepEqual(await take(store, ["mail"]), []);
    assert.deepEqual(await take(store, ["chat"]), [{ runId: run.id, listener: "chat", tries: 1 }]);
  });

  it("who lost the event to another taker can neither confirm nor postpone it", async ({ store, other }) => {
    await store.stops.register("mail");
    await insertEnded(store);
    const [late] = await take(store, ["mail"], { lease: -1 });
    const [current] = await take(other, ["mail"], { lease: -1 });
    await store.stops.done(late as StopDelivery);
    await store.stops.again(late as StopDelivery, LEASE, "too late");
    const [next] = await take(store, ["mail"], { lease: -1 });
    assert.equal(next?.tries, 3);
    await other.stops.done(current as StopDelivery);
    assert.equal((await take(store, ["mail"], { lease: -1 }))[0]?.tries, 4);
  });

  it("what was not heard comes again after the wait, or never when it was given up", async ({ store }) => {
    await store.stops.register("mail");
    await insertEnded(store);
    const [first] = await take(store, ["mail"]);
    await store.stops.again(first as StopDelivery, -1, "connection refused '; --");
    const [second] = await take(store, ["mail"]);
    assert.equal(second?.tries, 2);
    await store.stops.again(second as StopDelivery, LEASE, "again");
    assert.deepEqual(await take(store, ["mail"]), []);
    assert.equal(await store.stops.redeliver(second?.runId as string, "mail"), true);
    const [third] = await take(store, ["mail"], { lease: -1 });
    assert.equal(third?.tries, 1, "a redelivery begins to count anew");
    await store.stops.again(third as StopDelivery, null, "x".repeat(100_000));
    assert.deepEqual(await take(store, ["mail"]), []);
  });

  it("redeliver brings back what was given up, waits, or was heard long ago, of ended runs only", async ({ store }) => {
    await store.stops.register("mail");
    const run = await insertEnded(store);
    const [first] = await take(store, ["mail"]);
    await store.stops.done(first as StopDelivery);
    assert.equal(await store.stops.redeliver(run.id, "mail"), true);
    assert.deepEqual(await take(store, ["mail"]), [{ runId: run.id, listener: "mail", tries: 1 }]);
    assert.equal(await store.stops.redeliver((await insertClaimed(store)).id, "mail"), false);
    assert.equal(await store.stops.redeliver(newRun().id, "mail"), false);
    assert.deepEqual(await take(store, ["mail"]), []);
    assert.equal(await store.stops.redeliver(run.id, "nobody"), false);
    await store.hide([run.id]);
    assert.equal(await store.stops.redeliver(run.id, "mail"), false);
  });

  it("redeliver brings back what was passed on to a listener that nobody registered, of this run only", async ({ store }) => {
    await store.stops.register("mail");
    const [run, another] = [await insertEnded(store), await insertEnded(store)];
    const taken = await take(store, ["mail"]);
    await store.stops.done(taken.find(({ runId }) => runId === run.id) as StopDelivery, ["second"]);
    const [first] = await take(store, ["second"]);
    await store.stops.again(first as StopDelivery, null, "refused");
    assert.deepEqual(await take(store, ["second"]), []);
    assert.equal(await store.stops.redeliver(another.id, "second"), false);
    assert.equal(await store.stops.redeliver(run.id, "second"), true);
    assert.deepEqual(await take(store, ["second"]), [{ runId: run.id, listener: "second", tries: 1 }]);
    assert.deepEqual(await store.stops.givenUp(9), []);
  });

  it("an event comes with its run, also when that was hidden meanwhile", async ({ store, other }) => {
    await store.stops.register("mail");
    const run = await insertEnded(store, { state: "failed" });
    const [taken] = await other.stops.take({ listeners: ["mail"], limit: 9, lease: -1 });
    assert.deepEqual(taken, { runId: run.id, listener: "mail", tries: 1, run });
    await store.hide([run.id]);
    const [again] = await other.stops.take({ listeners: ["mail"], limit: 9, lease: -1 });
    assert.deepEqual([again?.run.id, again?.run.state, again?.tries], [run.id, "failed", 2]);
  });

  it("who unregisters hears no more, and misses what ends until it registers again", async ({ store, other }) => {
    await store.stops.register("mail");
    await store.stops.register("chat");
    await insertEnded(store);
    await other.stops.unregister("mail");
    await insertEnded(store);
    await store.stops.register("mail");
    assert.deepEqual(await take(store, ["mail"]), []);
    assert.equal((await take(store, ["chat"])).length, 2);
    const run = await insertEnded(store);
    assert.deepEqual(await take(store, ["mail"]), [{ runId: run.id, listener: "mail", tries: 1 }]);
    await store.stops.unregister("nobody");
  });

  it("an event is not brought to a listener that nobody registered", async ({ store }) => {
    const run = await insertEnded(store);
    assert.equal(await store.stops.redeliver(run.id, "nobody"), false);
    await store.stops.register("mail");
    assert.equal(await store.stops.redeliver(run.id, "mail"), true);
  });

  it("a listener that hears late is not brought an event before", async ({ store, other }) => {
    await store.stops.register("late", 60_000);
    await store.stops.register("mail");
    const run = await insertEnded(store);
    assert.deepEqual(await take(other, ["late"]), []);
    assert.deepEqual(await take(other, ["mail"]), [{ runId: run.id, listener: "mail", tries: 1 }]);
    await store.stops.register("late", -1);
    const next = await insertEnded(store);
    assert.deepEqual(await take(other, ["late"]), [{ runId: next.id, listener: "late", tries: 1 }]);
  });

  it("who has heard passes the event on, in the same write: others hear of it then, registered or not", async ({ store, other }) => {
    await store.stops.register("decider");
    const run = await insertEnded(store);
    const [first] = await take(store, ["decider"]);
    assert.deepEqual(await take(other, ["mail", "chat'; --"]), []);
    await store.stops.done(first as StopDelivery, ["mail", "chat'; --"]);
    assert.deepEqual(await take(store, ["decider"], { lease: -1 }), []);
    assert.deepEqual(await take(other, ["mail"], { lease: -1 }), [{ runId: run.id, listener: "mail", tries: 1 }]);
    assert.deepEqual(await take(other, ["chat'; --"]), [{ runId: run.id, listener: "chat'; --", tries: 1 }]);
  });

  it("who lost the event to another taker passes nothing on", async ({ store, other }) => {
    await store.stops.register("decider");
    await insertEnded(store);
    const [late] = await take(store, ["decider"], { lease: -1 });
    const [current] = await take(other, ["decider"]);
    await store.stops.done(late as StopDelivery, ["mail"]);
    assert.deepEqual(await take(store, ["mail"]), []);
    await other.stops.done(current as StopDelivery, ["mail"]);
    const [passed] = await take(store, ["mail"]);
    await store.stops.done(passed as StopDelivery);
    await other.stops.done(current as StopDelivery, ["mail"]);
    assert.deepEqual(await take(store, ["mail"]), [], "an event that was passed on is passed on once");
  });

  it("a deleted run stays until those have heard to whom its event was passed on", async ({ store }) => {
    await store.stops.register("decider");
    const run = await insertEnded(store);
    const [first] = await take(store, ["decider"]);
    await store.stops.done(first as StopDelivery, ["mail"]);
    await store.hide([run.id]);
    await store.erase([run.id]);
    const [passed] = await take(store, ["mail"]);
    assert.equal(passed?.runId, run.id);
    await store.stops.done(passed as StopDelivery);
    await store.erase([run.id]);
    assert.deepEqual(await store.known([run.id]), []);
  });

  it("says what was given up, newest run first, until it is brought back", async ({ store, other }) => {
    await store.stops.register("mail");
    const runs = [await insertEnded(store), await insertEnded(store), await insertEnded(store)];
    const taken = await take(store, ["mail"]);
    const of = (index: number) => taken.find(({ runId }) => runId === runs[index]?.id) as StopDelivery;
    await store.stops.again(of(0), null, "refused '; --");
    await store.stops.again(of(1), LEASE, "later");
    await store.stops.again(of(2), null, "gone");
    const given = [
      { runId: runs[2]?.id, listener: "mail", tries: 1, error: "gone" },
      { runId: runs[0]?.id, listener: "mail", tries: 1, error: "refused '; --" },
    ];
    assert.deepEqual(await other.stops.givenUp(10), given);
    assert.deepEqual(await other.stops.givenUp(1), given.slice(0, 1));
    await store.stops.redeliver(runs[2]?.id as string, "mail");
    assert.deepEqual(await other.stops.givenUp(10), given.slice(1));
  });
}
