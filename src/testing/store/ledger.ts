import assert from "node:assert/strict";
import type { LedgerWrite, Loops, NewFailure } from "../../core/ledger.ts";
import type { Run } from "../../core/run.ts";
import { heldStates } from "../../core/states.ts";
import type { Store } from "../../core/store.ts";
import { change, end, insert, insertClaimed, insertEnded, newArtifact, newRun } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";
import { awkwardTexts } from "./writes.ts";

function failure(number: number, given: Partial<NewFailure> = {}): NewFailure {
  const index = number * 10;
  return {
    number,
    loop: "items",
    index,
    label: `#${index}`,
    message: "It broke.",
    columns: null,
    before: null,
    cursor: null,
    item: `{"id":${index}}`,
    ...given,
  };
}

function loops(given: Partial<Loops> = {}): Loops {
  return { last: 0, marks: [{ name: "items", cursor: { after: [7, "ü"] }, visited: 3, failed: 1, kept: 1, ended: false }], ...given };
}

/** What an attempt writes of its loops; null when it has lost the run. */
function write(store: Store, run: Pick<Run, "id">, ledger: Partial<LedgerWrite>, worker = "worker-1"): Promise<Run | null> {
  const more = { ledger: { restart: [], failures: [], ...ledger } };
  return change(store, run, { states: heldStates, worker }, { set: { completedSteps: 1 } }, more);
}

async function numbers(store: Store, runId: string): Promise<number[]> {
  return (await store.ledger.failures(runId, { limit: 1000 })).map(({ number }) => number);
}

/** What a reader is shown of it. */
function shown({ number, loop, index, label, message, columns }: NewFailure) {
  return { number, loop, index, label, message, columns };
}

export function testLedger(it: StoreTest): void {
  it("where loops stand comes back as it was written, whichever handle asks", async ({ store, other }) => {
    const run = await insertClaimed(store);
    assert.equal(await other.ledger.loops(run.id), null);
    await change(store, run, { states: heldStates }, { set: { loops: loops() } });
    assert.deepEqual(await other.ledger.loops(run.id), loops());
    await change(store, run, { states: heldStates }, { set: { loops: loops({ last: 9, marks: [] }) } });
    assert.deepEqual(await other.ledger.loops(run.id), { last: 9, marks: [] });
    assert.equal(await other.ledger.loops(newRun().id), null);
  });

  it("failures are written with a change, and read by number, page by page, of one loop or all", async ({ store, other }) => {
    const run = await insertClaimed(store);
    const failures = Array.from({ length: 150 }, (_, index) => failure(index + 1, { loop: index % 3 === 0 ? "rows" : "items" }));
    assert(await write(store, run, { failures: failures.slice(0, 7) }));
    assert(await write(store, run, { failures: failures.slice(7) }));
    assert.deepEqual(await other.ledger.failures(run.id, { limit: 1000 }), failures.map(shown));
    assert.deepEqual(await other.ledger.failures(run.id, { limit: 3, after: 100 }), failures.slice(100, 103).map(shown));
    assert.deepEqual(
      await other.ledger.failures(run.id, { limit: 2, after: 4, loop: "rows" }),
      [failures[6], failures[9]].map((each) => shown(each as NewFailure)),
    );
    assert.deepEqual(await other.ledger.failures(run.id, { limit: 0 }), []);
    assert.deepEqual(await other.ledger.failures((await insert(store)).id, { limit: 9 }), []);
  });

  it("a failure is a value, whatever is in it", async ({ store }) => {
    const run = await insertClaimed(store);
    const failures = awkwardTexts.map((text, index) =>
      failure(index + 1, {
        loop: text || "-",
        label: text,
        message: { key: "k", params: { text } },
        columns: { [text]: text, number: 1.5, yes: true, none: null },
      }),
    );
    await write(store, run, { failures });
    assert.deepEqual(await store.ledger.failures(run.id, { limit: 1000 }), failures.map(shown));
  });

  it("a failure that is kept already stays as it is", async ({ store }) => {
    const run = await insertClaimed(store);
    await write(store, run, { failures: [failure(1)] });
    await write(store, run, { failures: [failure(1, { label: "Another" }), failure(2)] });
    assert.deepEqual(await store.ledger.failures(run.id, { limit: 9 }), [failure(1), failure(2)].map(shown));
  });

  it("a loop that begins anew forgets what it has kept, and no other does", async ({ store }) => {
    const [run, beside] = [await insertClaimed(store), await insertClaimed(store)];
    for (const each of [run, beside]) await write(store, each, { failures: [failure(1), failure(2, { loop: "rows" }), failure(3)] });
    await write(store, run, { restart: ["items"], failures: [failure(4)] });
    assert.deepEqual(
      [await numbers(store, run.id), await numbers(store, beside.id)],
      [
        [2, 4],
        [1, 2, 3],
      ],
    );
  });

  it("who has lost the run writes none", async ({ store, other }) => {
    const run = await insertClaimed(store);
    assert(await write(store, run, { failures: [failure(1)] }));
    assert.equal(await write(other, run, { restart: ["items"], failures: [failure(2)] }, "worker-2"), null);
    await end(store, run);
    assert.equal(await write(other, run, { failures: [failure(3)] }), null);
    assert.deepEqual(await numbers(store, run.id), [1]);
  });

  it("they stand and fall with the write that ends the run, as the artifact does that it leaves", async ({ store }) => {
    const run = await insertClaimed(store);
    const artifact = newArtifact(run);
    const set = { state: "failed", worker: null, lease: null, timeoutAt: null, ended: { fromNow: 0 }, loops: loops() } as const;
    await change(store, run, { states: heldStates }, { set }, { leave: artifact, ledger: { restart: [], failures: [failure(1)] } });
    assert.deepEqual([await numbers(store, run.id), (await store.listArtifacts([run.id])).map(({ id }) => id)], [[1], [artifact.id]]);
    assert.deepEqual(await store.ledger.loops(run.id), loops());
    const second = await insertClaimed(store);
    // The artifact's id is taken.
    await assert.rejects(
      change(store, second, { states: heldStates }, { set }, { leave: { ...artifact, runId: second.id }, ledger: { restart: [], failures: [failure(1)] } }),
    );
    assert.deepEqual(
      [await numbers(store, second.id), (await store.get([second.id]))[0]?.state, await store.ledger.loops(second.id)],
      [[], "in_progress", null],
    );
  });

  it("a rerun takes over the failed items, and needs the first run no more", async ({ store, other }) => {
    const run = await insertClaimed(store);
    const failures = [failure(1, { item: null, before: "3", cursor: "4" }), failure(2, { loop: "rows" }), failure(3)];
    await write(store, run, { failures });
    await end(store, run, "failed");
    const again = newRun({ rerunOf: run.id });
    const [inserted] = await store.write([{ insert: again, retry: run.id }]);
    assert.deepEqual((await other.get([again.id]))[0], inserted);
    await store.hide([run.id]);
    await store.erase([run.id]);
    assert.deepEqual(await other.ledger.retries(again.id), [
      { loop: "items", items: 2 },
      { loop: "rows", items: 1 },
    ]);
    const item = ({ number, index, label, before, cursor, item }: NewFailure) => ({ number, index, label, before, cursor, item });
    assert.deepEqual(
      await other.ledger.retryItems(again.id, "items", { limit: 9 }),
      [failures[0], failures[2]].map((each) => item(each as NewFailure)),
    );
    assert.deepEqual(await other.ledger.retryItems(again.id, "items", { limit: 9, after: 1 }), [item(failures[2] as NewFailure)]);
    assert.equal((await other.ledger.retryItems(again.id, "items", { limit: 1 })).length, 1);
    assert.deepEqual(await numbers(store, again.id), []);
  });

  it("where nothing has failed, or nothing is left of it, there is nothing to retry, and no run", async ({ store }) => {
    const [whole, hidden] = [await insertEnded(store), await insertClaimed(store)];
    await write(store, hidden, { failures: [failure(1)] });
    await end(store, hidden);
    await store.hide([hidden.id]);
    for (const retry of [whole.id, hidden.id, newRun().id]) {
      const row = newRun();
      assert.deepEqual(await store.write([{ insert: row, retry }]), [null]);
      assert.deepEqual(await store.known([row.id]), []);
    }
    assert.deepEqual(await store.ledger.retries((await insert(store)).id), []);
  });

  it("what a hidden run has left is not shown, and goes when it is erased; what others have stays", async ({ store, other }) => {
    const run = await insertClaimed(store);
    await change(store, run, { states: heldStates }, { set: { loops: loops() } }, { ledger: { restart: [], failures: [failure(1)] } });
    await end(store, run);
    const rerun = newRun({ rerunOf: run.id });
    await store.write([{ insert: rerun, retry: run.id }]);
    await end(store, { id: rerun.id });
    await store.hide([run.id]);
    assert.deepEqual([await other.ledger.loops(run.id), await numbers(other, run.id)], [null, []]);
    await store.erase([run.id]);
    await insert(store, { id: run.id });
    assert.deepEqual([await other.ledger.loops(run.id), await numbers(other, run.id)], [null, []]);
    assert.equal((await other.ledger.retries(rerun.id)).length, 1);
    await store.hide([rerun.id]);
    await store.erase([rerun.id]);
    await insert(store, { id: rerun.id });
    assert.deepEqual(await other.ledger.retries(rerun.id), []);
  });
}
