import assert from "node:assert/strict";
import { change, deliveryOf, end, insert, insertClaimed, newRun } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

const all = { queues: [], limit: 100, except: [] };

export function testDue(it: StoreTest): void {
  it("the most urgent comes first: by priority, then by time, then by age", async ({ store, other }) => {
    const late = await insert(store, { name: "late", runAt: { fromNow: -1000 } });
    const later = await insert(store, { name: "later", runAt: { fromNow: -500 } });
    const at = Date.UTC(2020, 0, 1);
    const old = await insert(store, { name: "old", runAt: at });
    const young = await insert(store, { name: "young", runAt: at });
    const low = await insert(store, { name: "low", priority: -1, runAt: at });
    const high = await insert(store, { name: "high", priority: 5 });
    const { deliveries } = await other.due(all);
    assert.deepEqual(
      deliveries,
      [high, old, young, late, later, low].map((run) => deliveryOf(run)),
    );
    assert.deepEqual((await store.due({ ...all, limit: 2 })).deliveries, deliveries.slice(0, 2));
  });

  it("only waiting runs whose time has come are due; a retry asks for its next attempt", async ({ store }) => {
    const retrying = await insertClaimed(store);
    const set = { state: "retrying", worker: null, lease: null, timeoutAt: null, runAt: { fromNow: 0 } } as const;
    const waiting = await change(store, retrying, { states: ["in_progress"] }, { set });
    await insertClaimed(store);
    await insert(store, { runAt: { fromNow: 60_000 } });
    await change(store, await insertClaimed(store), { states: ["in_progress"] }, { set: { state: "canceling" } });
    for (const state of ["succeeded", "failed", "canceled"] as const) await end(store, await insert(store), state);
    assert(waiting);
    assert.deepEqual((await store.due(all)).deliveries, [{ ...deliveryOf(waiting), attempt: 2 }]);
  });

  it("queues are chosen, an empty choice being all", async ({ store }) => {
    const mail = await insert(store, { queue: "mail" });
    const pdf = await insert(store, { queue: "pdf" });
    const other = await insert(store, { queue: "mail%" });
    const ids = async (queues: string[]) => (await store.due({ ...all, queues })).deliveries.map(({ runId }) => runId);
    assert.deepEqual(await ids([]), [mail.id, pdf.id, other.id]);
    assert.deepEqual(await ids(["mail"]), [mail.id]);
    assert.deepEqual(await ids(["mail", "pdf"]), [mail.id, pdf.id]);
    assert.deepEqual(await ids(["pdf", "nobody's"]), [pdf.id]);
    assert.deepEqual(await ids(["MAIL"]), []);
  });

  it("runs that are excepted do not take the place of others", async ({ store }) => {
    const runs = [await insert(store, { priority: 9 }), await insert(store, { priority: 8 }), await insert(store), await insert(store)];
    const except = [runs[0]?.id as string, runs[1]?.id as string, newRun().id];
    const { deliveries } = await store.due({ queues: [], limit: 1, except });
    assert.deepEqual(
      deliveries.map(({ runId }) => runId),
      [runs[2]?.id],
    );
  });

  it("nextIn says when the next run comes due, among the chosen queues", async ({ store }) => {
    assert.deepEqual(await store.due(all), { deliveries: [], nextIn: null });
    await insert(store, { queue: "mail", runAt: { fromNow: 60_000 } });
    await insert(store, { queue: "pdf", runAt: { fromNow: 30_000 } });
    const within = (nextIn: number | null, span: number) =>
      assert(nextIn !== null && nextIn > span - 20_000 && nextIn <= span, `nextIn is ${nextIn}, not about ${span}`);
    within((await store.due(all)).nextIn, 30_000);
    within((await store.due({ ...all, queues: ["mail"] })).nextIn, 60_000);
    assert.equal((await store.due({ ...all, queues: ["other"] })).nextIn, null);
    await insert(store, { queue: "mail" });
    within((await store.due({ ...all, queues: ["mail"] })).nextIn, 60_000);
    assert.equal((await store.due({ ...all, limit: 1 })).nextIn, 0, "with as many as were asked for, there may be more at once");
  });

  it("a claimed run is no longer due for anyone", async ({ store, other }) => {
    await insertClaimed(store);
    assert.deepEqual((await other.due(all)).deliveries, []);
  });
}
