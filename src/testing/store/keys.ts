import assert from "node:assert/strict";
import type { KeyClaim } from "../../core/keys.ts";
import type { Run } from "../../core/run.ts";
import type { Store } from "../../core/store.ts";
import { end, insert, insertEnded, newRun } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";
import { awkwardTexts } from "./writes.ts";

function keyClaim(given: Partial<KeyClaim> = {}): KeyClaim {
  return { task: "make_report", scope: "u42", address: "/reports?year=2031", seen: null, good: null, failures: 0, keep: false, ...given };
}

function keyOf({ task, scope, address }: KeyClaim) {
  return { task, scope, address };
}

/** The new run that took the key, or null. */
async function take(store: Store, claim: KeyClaim): Promise<Run | null> {
  const [run] = await store.write([{ insert: newRun({ task: claim.task }), claim }]);
  if (run instanceof Error) throw run;
  return run ?? null;
}

export function testKeys(it: StoreTest): void {
  it("a run is found by the key that it took, and says which that is", async ({ store, other }) => {
    const claim = keyClaim({ failures: 2, keep: true });
    assert.equal(await store.keys.find(keyOf(claim)), null);
    const run = await take(store, claim);
    assert(run);
    const { now, ...held } = (await other.keys.find(keyOf(claim))) ?? { now: 0 };
    assert.deepEqual(held, { ...keyOf(claim), runId: run.id, run, good: null, failures: 2, keep: true });
    assert(now >= run.created);
    assert.deepEqual(await other.keys.ofRun(run.id), keyOf(claim));
    assert.deepEqual((await store.get([run.id]))[0], run);
    const plain = await insert(store);
    assert.equal(await store.keys.ofRun(plain.id), null);
  });

  it("every part of a key counts", async ({ store }) => {
    const claim = keyClaim();
    await take(store, claim);
    for (const differing of [{ task: "other" }, { scope: "u43" }, { address: "/reports?year=2032" }, { scope: "", address: "u42/reports?year=2031" }]) {
      assert.equal(await store.keys.find({ ...keyOf(claim), ...differing }), null, JSON.stringify(differing));
      assert(await take(store, { ...claim, ...differing }), JSON.stringify(differing));
    }
  });

  it("without a task, the key of this address that was taken last is found", async ({ store }) => {
    const { scope, address } = keyClaim();
    const first = await take(store, keyClaim({ task: "one" }));
    const second = await take(store, keyClaim({ task: "two" }));
    await take(store, keyClaim({ task: "three", scope: "somebody else" }));
    assert.equal((await store.keys.find({ scope, address }))?.runId, second?.id);
    const third = await take(store, keyClaim({ task: "one", seen: first?.id as string }));
    const found = await store.keys.find({ scope, address });
    assert.deepEqual([found?.runId, found?.task], [third?.id, "one"]);
  });

  it("a key that is held is not taken by who saw it free, and then there is no run either", async ({ store, other }) => {
    const run = await take(store, keyClaim());
    const refused = newRun();
    assert.deepEqual(await other.write([{ insert: refused, claim: keyClaim() }]), [null]);
    assert.deepEqual(await store.known([refused.id]), []);
    assert.equal((await store.keys.find(keyOf(keyClaim())))?.runId, run?.id);
  });

  it("a key is taken from the run that its claimer saw, not from another", async ({ store }) => {
    const first = (await take(store, keyClaim())) as Run;
    assert.equal(await take(store, keyClaim({ seen: newRun().id })), null);
    const second = (await take(store, keyClaim({ seen: first.id, good: first.id, failures: 1, keep: true }))) as Run;
    assert.equal(await take(store, keyClaim({ seen: first.id })), null);
    const held = await store.keys.find(keyOf(keyClaim()));
    assert.deepEqual([held?.runId, held?.failures, held?.keep], [second.id, 1, true]);
    assert.equal(await store.keys.ofRun(first.id), null);
  });

  it("a run whose id exists takes no key", async ({ store }) => {
    const run = await insert(store);
    const [result] = await store.write([{ insert: newRun({ id: run.id }), claim: keyClaim() }]);
    assert(result instanceof Error);
    assert.equal(await store.keys.find(keyOf(keyClaim())), null);
    assert.deepEqual(await store.get([run.id]), [run]);
  });

  it("of many claimers through two handles one gets the key, in one group too", async ({ store, other }) => {
    for (let round = 0; round < 5; round += 1) {
      const claim = keyClaim({ address: `/race/${round}` });
      const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => take(index % 2 === 0 ? store : other, claim)));
      assert.equal(taken.filter((run) => run !== null).length, 1);
    }
    const claim = keyClaim({ address: "/group" });
    const results = await store.write([{ insert: newRun(), claim }, { insert: newRun() }, { insert: newRun(), claim }]);
    assert.deepEqual(
      results.map((result) => result !== null),
      [true, true, false],
    );
  });

  it("the newest good run is shown beside the one under way", async ({ store }) => {
    const good = await insertEnded(store);
    const run = (await take(store, keyClaim({ good: good.id }))) as Run;
    const held = await store.keys.find(keyOf(keyClaim()));
    assert.deepEqual([held?.run, held?.good], [run, good]);
    await store.hide([good.id]);
    assert.equal((await store.keys.find(keyOf(keyClaim())))?.good, null);
    const ended = await end(store, run);
    const now = await store.keys.find(keyOf(keyClaim()));
    assert.deepEqual([now?.run, now?.good], [ended, ended]);
  });

  it("a hidden run is not shown by its key, which tells that it is gone", async ({ store }) => {
    const good = await insertEnded(store);
    const run = (await take(store, keyClaim({ good: good.id }))) as Run;
    await end(store, run);
    await store.hide([run.id]);
    const held = await store.keys.find(keyOf(keyClaim()));
    assert.deepEqual([held?.runId, held?.run], [run.id, null]);
    assert(await take(store, keyClaim({ seen: run.id })));
  });

  it("a key that was forgotten is free, and its run goes on", async ({ store, other }) => {
    const run = (await take(store, keyClaim())) as Run;
    await take(store, keyClaim({ task: "other" }));
    assert.equal(await other.keys.forget(keyOf(keyClaim())), true);
    assert.equal(await other.keys.forget(keyOf(keyClaim())), false);
    assert.equal(await store.keys.find(keyOf(keyClaim())), null);
    assert.equal(await store.keys.ofRun(run.id), null);
    assert.deepEqual(await store.get([run.id]), [run]);
    assert(await store.keys.find(keyOf(keyClaim({ task: "other" }))));
    assert(await take(store, keyClaim()));
  });

  it("a key is a value, whatever is in it and however long", async ({ store }) => {
    for (const text of [...awkwardTexts, `/${"long".repeat(20_000)}`]) {
      const claim = keyClaim({ task: text, scope: text, address: text });
      const run = await take(store, claim);
      assert.deepEqual((await store.keys.find(keyOf(claim)))?.runId, run?.id);
      assert.deepEqual(await store.keys.ofRun(run?.id as string), keyOf(claim));
    }
  });
}
