import assert from "node:assert/strict";
import type { Page, RunFilter } from "../../core/run-filter.ts";
import type { Store } from "../../core/store.ts";
import { change, end, insert, insertClaimed, insertEnded, newRun } from "../fixtures.ts";
import { until } from "../until.ts";
import type { StoreTest } from "./store-test.ts";
import { awkwardTexts } from "./writes.ts";

async function names(store: Store, filter: RunFilter): Promise<string[]> {
  return (await store.list(filter, { limit: 100 })).map(({ name }) => name);
}

export function testLists(it: StoreTest): void {
  it("a list is newest first, of whole snapshots", async ({ store, other }) => {
    const runs = [await insert(store), await insert(store), await insert(store)];
    assert.deepEqual(await other.list({}, { limit: 10 }), runs.toReversed());
    assert.deepEqual(await other.list({}, { limit: 2 }), runs.toReversed().slice(0, 2));
    assert.deepEqual(await other.list({}, { limit: 0 }), []);
  });

  it("pages follow one another without gaps or repeats, whatever is inserted meanwhile", async ({ store, other }) => {
    const ids = [];
    for (let count = 0; count < 11; count += 1) ids.push((await insert(store)).id);
    const seen: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await other.list({ owner: "u42" }, before === undefined ? { limit: 3 } : { limit: 3, before });
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
      assert(seen.length <= ids.length, "some run stands on two pages");
      before = seen.at(-1);
      await insert(store, { name: "came while somebody was reading" });
    }
    assert.deepEqual(seen, ids.toReversed());
  });

  it("an owner's runs and the parts of their runs stand in one order, whatever page of them is asked for", async ({ store }) => {
    const ids: string[] = [];
    for (let count = 0; count < 12; count += 1) {
      const parent = count % 5 < 2 || ids.length === 0 ? null : (ids[0] as string);
      ids.push((await insert(store, { owner: "u1", parent })).id);
      await insert(store, { owner: "u2", parent });
    }
    const listed = async (page: Page) => (await store.list({ owner: "u1" }, page)).map(({ id }) => id);
    for (const limit of [1, 3, 12, 20]) {
      for (const [place, id] of ids.entries()) {
        assert.deepEqual(await listed({ limit, before: id }), ids.slice(0, place).toReversed().slice(0, limit));
        assert.deepEqual(await listed({ limit, after: id }), ids.slice(place + 1).slice(0, limit));
      }
      assert.deepEqual(await listed({ limit }), ids.toReversed().slice(0, limit));
      assert.deepEqual(await listed({ limit, after: "" }), ids.slice(0, limit));
    }
    const withArtifacts = await store.listWithArtifacts({ owner: "u1" }, { limit: 20 });
    assert.deepEqual(
      withArtifacts.map(({ run }) => run.id),
      ids.toReversed(),
    );
  });

  it("a page begins after any id, be there such a run or not", async ({ store }) => {
    const one = await insert(store);
    const between = newRun().id;
    const two = await insert(store);
    const page = async (before: string) => (await store.list({}, { limit: 9, before })).map(({ id }) => id);
    assert.deepEqual(await page(between), [one.id]);
    assert.deepEqual(await page(two.id), [one.id]);
    assert.deepEqual(await page(one.id), []);
  });

  it("by owner, by nobody, or everybody's", async ({ store }) => {
    await insert(store, { name: "a", owner: "u1" });
    await insert(store, { name: "b", owner: "visitor:1" });
    await insert(store, { name: "c", owner: null });
    assert.deepEqual(await names(store, { owner: "u1" }), ["a"]);
    assert.deepEqual(await names(store, { owner: "U1" }), []);
    assert.deepEqual(await names(store, { owner: null }), ["c"]);
    assert.deepEqual(await names(store, { owner: "" }), []);
    assert.deepEqual(await names(store, { owner: "null" }), []);
    assert.deepEqual(await names(store, {}), ["c", "b", "a"]);
    assert.deepEqual(await names(store, { owner: undefined } as RunFilter), ["c", "b", "a"]);
  });

  it("by states, of which there may be none", async ({ store }) => {
    await insert(store, { name: "pending" });
    await insertClaimed(store, { name: "in progress" });
    await insertEnded(store, { name: "failed", state: "failed" });
    assert.deepEqual(await names(store, { states: ["pending", "failed"] }), ["failed", "pending"]);
    assert.deepEqual(await names(store, { states: ["in_progress"] }), ["in progress"]);
    assert.deepEqual(await names(store, { states: [] }), []);
  });

  it("by task and by parent", async ({ store }) => {
    const parent = await insert(store, { name: "parent", task: "order" });
    await insert(store, { name: "child", parent: parent.id });
    assert.deepEqual(await names(store, { task: "order" }), ["parent"]);
    assert.deepEqual(await names(store, { task: "ord" }), []);
    assert.deepEqual(await names(store, { parent: parent.id }), ["child"]);
  });

  it("by a part of the name, in any case and every alphabet", async ({ store }) => {
    for (const name of ["Export of Ärzte", "EXPORT of ΑΘΗΝΑ", "50 % off_peak", "50 x offxpeak"]) await insert(store, { name });
    assert.deepEqual(await names(store, { name: "export" }), ["EXPORT of ΑΘΗΝΑ", "Export of Ärzte"]);
    assert.deepEqual(await names(store, { name: "ÄRZTE" }), ["Export of Ärzte"]);
    assert.deepEqual(await names(store, { name: "αθηνα" }), ["EXPORT of ΑΘΗΝΑ"]);
    assert.deepEqual(await names(store, { name: "0 % off_" }), ["50 % off_peak"]);
    assert.deepEqual(await names(store, { name: "%" }), ["50 % off_peak"]);
    assert.deepEqual(await names(store, { name: "_" }), ["50 % off_peak"]);
    assert.deepEqual(await names(store, { name: "Exports" }), []);
  });

  it("by time of creation: from the first on, before the second", async ({ store }) => {
    const one = await insert(store, { name: "one" });
    const two = await until("the clock has moved on", async () => {
      const run = await insert(store, { name: "two" });
      if (run.created > one.created) return run;
      await end(store, run);
      await store.hide([run.id]);
    });
    assert.deepEqual(await names(store, { createdAfter: two.created }), ["two"]);
    assert.deepEqual(await names(store, { createdAfter: one.created }), ["two", "one"]);
    assert.deepEqual(await names(store, { createdBefore: two.created }), ["one"]);
    assert.deepEqual(await names(store, { createdBefore: one.created }), []);
    assert.deepEqual(await names(store, { createdAfter: one.created, createdBefore: two.created }), ["one"]);
  });

  it("a search finds an id, a task, an owner or a part of a name", async ({ store }) => {
    const one = await insert(store, { name: "Tickets", task: "make_tickets", owner: "u1" });
    await insert(store, { name: "Invoice for U1", task: "bill", owner: "u2" });
    assert.deepEqual(await names(store, { search: one.id }), ["Tickets"]);
    assert.deepEqual(await names(store, { search: "make_tickets" }), ["Tickets"]);
    assert.deepEqual(await names(store, { search: "u1" }), ["Invoice for U1", "Tickets"]);
    assert.deepEqual(await names(store, { search: "tick" }), ["Tickets"]);
    assert.deepEqual(await names(store, { search: "make_" }), []);
    assert.deepEqual(await names(store, { search: one.id.slice(0, 8) }), []);
  });

  it("everything in a filter must hold at once", async ({ store }) => {
    const run = await insert(store, { name: "Tickets", owner: "u1" });
    await insert(store, { name: "Other", owner: "u2" });
    const filter = {
      owner: "u1",
      states: ["pending"],
      task: run.task,
      name: "tick",
      createdAfter: run.created,
      createdBefore: run.created + 1,
      search: "u1",
    } as const;
    assert.deepEqual(await names(store, filter), ["Tickets"]);
    for (const wrong of [
      { owner: "u2" },
      { owner: null },
      { states: ["failed"] },
      { task: "x" },
      { name: "x" },
      { search: "x" },
      { parent: run.id },
    ] as const) {
      assert.deepEqual(await names(store, { ...filter, ...wrong }), [], JSON.stringify(wrong));
    }
    assert.deepEqual(await names(store, { ...filter, createdAfter: run.created + 1, createdBefore: run.created + 9 }), []);
    assert.deepEqual(await names(store, { ...filter, createdAfter: 0, createdBefore: run.created }), []);
  });

  it("a filter's text is a value, whatever is in it", async ({ store }) => {
    await insert(store, { name: "plain", owner: "u1", task: "plain" });
    for (const text of awkwardTexts.filter((awkward) => !awkward.includes("null"))) {
      for (const filter of [{ owner: text }, { task: text }, { name: text }, { parent: text }, { search: text }])
        assert.deepEqual(await names(store, filter), []);
      await insert(store, { name: `« ${text} »`, owner: text, task: text });
      for (const filter of [{ owner: text }, { task: text }, { name: text }, { search: text }]) assert.deepEqual(await names(store, filter), [`« ${text} »`]);
    }
  });

  it("endedSince tells of ended runs, the oldest end first, whoever ended them", async ({ store, other }) => {
    await insert(store);
    await insertClaimed(store);
    const later = await insertEnded(store, { state: "failed", ago: 10_000 });
    const earlier = await insertEnded(other, { state: "canceled", ago: 30_000 });
    await insertEnded(store, { ago: 90_000 });
    assert.deepEqual(await store.endedSince(60_000, 10), [earlier, later]);
    assert.deepEqual(await store.endedSince(60_000, 1), [earlier]);
    assert.deepEqual(await store.endedSince(20_000, 10), [later]);
    assert.deepEqual(await store.endedSince(1000, 10), []);
    const now = await change(store, await insertClaimed(store), { states: ["in_progress"] }, { set: { state: "succeeded", ended: { fromNow: 0 } } });
    assert.deepEqual((await store.endedSince(60_000, 10)).at(-1), now);
  });
}
