import assert from "node:assert/strict";
import type { NewLink } from "../../core/link.ts";
import type { Member } from "../../core/links.ts";
import type { NewRun, Run } from "../../core/run.ts";
import { heldStates } from "../../core/states.ts";
import type { Store } from "../../core/store.ts";
import { change, claim, end, insert } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

const NEVER = 8.64e15;

function link(given: Partial<NewLink> = {}): NewLink {
  return { kind: null, root: null, position: 0, weight: 1, blocked: false, onFailure: "stop", template: null, ...given };
}

/** A container; `within` another one when that is given. */
function container(store: Store, given: Partial<NewLink> = {}, within?: Run): Promise<Run> {
  const row = { task: "errand.group", totalSteps: 0, maxAttempts: 1, timeout: 0, input: "null", runAt: NEVER };
  return insert(store, { ...row, ...below(within), link: link({ kind: "group", root: rootOf(within), ...given }) });
}

function child(store: Store, within: Run, given: Partial<NewLink> = {}, row: Partial<NewRun> = {}): Promise<Run> {
  return insert(store, { ...below(within), ...(given.blocked && { runAt: NEVER }), ...row, link: link({ root: rootOf(within), ...given }) });
}

const below = (within?: Run): Partial<NewRun> => (within ? { parent: within.id } : {});
const rootOf = (within?: Run): string | null => within?.root ?? within?.id ?? null;

async function ids(runs: Promise<readonly { readonly id: string }[]>): Promise<string[]> {
  return (await runs).map(({ id }) => id);
}

async function succeed(store: Store, run: Run, result = "1"): Promise<void> {
  const claimed = await claim(store, run);
  assert(await change(store, claimed as Run, { states: heldStates }, { set: { state: "succeeded", result, worker: null, ended: { fromNow: 0 } } }));
}

export function testLinks(it: StoreTest): void {
  it("a run of no container has no place; a child and its container say where they stand", async ({ store, other }) => {
    const alone = await insert(store);
    assert.deepEqual([alone.kind, alone.root, alone.parent], [null, null, null]);
    const box = await container(store);
    const inner = await container(store, { kind: "chain" }, box);
    const leaf = await child(store, inner);
    const shown = (await other.get([box.id, inner.id, leaf.id])).map(({ id, kind, parent, root }) => [id, kind, parent, root]);
    assert.deepEqual(
      shown.sort(),
      [
        [box.id, "group", null, null],
        [inner.id, "chain", box.id, box.id],
        [leaf.id, null, inner.id, box.id],
      ].sort(),
    );
  });

  it("neither containers nor children that wait for their turn are due, strays, or counted as waiting or running", async ({ store, other }) => {
    const box = await container(store);
    await change(store, box, { states: ["pending"] }, { set: { state: "in_progress", started: { fromNow: 0 } } });
    await container(store, { blocked: true, position: 1 }, box);
    const waits = await child(store, box, { blocked: true, position: 2 });
    const ready = await child(store, box, { position: 3 });
    const { deliveries, nextIn } = await other.due({ queues: [], limit: 9, except: [] });
    assert.deepEqual(
      deliveries.map(({ runId }) => runId),
      [ready.id],
    );
    assert.equal(nextIn, null);
    const canceling = await container(store);
    await change(store, canceling, { states: ["pending"] }, { set: { state: "canceling" } });
    const strays = await other.strays({ cancelGrace: -1000, undeliveredAfter: -1000, limit: 9 });
    assert.deepEqual(
      strays.map(({ run }) => run.id),
      [ready.id],
    );
    assert.equal(await claim(store, { ...waits, runAt: 0 }), null, "its turn has not come");
    assert.deepEqual(
      (await other.queues()).map(({ queue, waiting, running }) => [queue, waiting, running]),
      [["default", 1, 0]],
    );
  });

  it("a family counts the children as they stand; an ended container, one that waits and a plain run have none", async ({ store, other }) => {
    const box = await container(store, { kind: "chord", onFailure: "continue" });
    await succeed(store, await child(store, box));
    for (const state of ["failed", "canceled", "canceled"] as const) await end(store, await child(store, box), state);
    const [first] = [await child(store, box), await child(store, box), await child(store, box, { blocked: true })];
    await claim(store, first as Run);
    const counts = { open: 2, blocked: 1, succeeded: 1, failed: 1, canceled: 2 };
    assert.deepEqual(await other.links.family(box.id), { id: box.id, kind: "chord", parent: null, onFailure: "continue", state: "pending", ...counts });
    assert.equal(await store.links.family((first as Run).id), null);
    assert.equal(await store.links.family((await container(store, { blocked: true }, box)).id), null);
    await change(store, box, { states: ["pending"] }, { set: { state: "failed", ended: { fromNow: 0 } } });
    assert.equal(await store.links.family(box.id), null);
  });

  it("a container is under way while a child goes on and none has ended that stops the others", async ({ store }) => {
    for (const onFailure of ["stop", "continue"] as const) {
      const box = await container(store, { onFailure });
      assert.equal(await store.links.isUnderWay(box.id), false);
      await child(store, box, { blocked: true });
      assert.equal(await store.links.isUnderWay(box.id), false, "a child that waits does not go on");
      const [first, second] = [await child(store, box), await child(store, box)];
      assert.equal(await store.links.isUnderWay(box.id), true);
      await end(store, first as Run, "failed");
      assert.equal(await store.links.isUnderWay(box.id), onFailure === "continue");
      await end(store, second as Run);
      assert.equal(await store.links.isUnderWay(box.id), false);
    }
  });

  it("children come in their order: those that have not ended, those that wait, at most as many as asked for", async ({ store, other }) => {
    const box = await container(store);
    const made: Run[] = [];
    for (const position of [3, 1, 2, 0]) made[position] = await child(store, box, { position, blocked: position > 1, template: position > 2 ? "{}" : null });
    await end(store, made[0] as Run);
    assert.deepEqual(
      await ids(other.links.unended(box.id, 9)),
      [made[1], made[2], made[3]].map((run) => run?.id),
    );
    assert.deepEqual(await ids(other.links.unended(box.id, 1)), [made[1]?.id]);
    await claim(store, made[1] as Run);
    await change(store, made[1] as Run, { states: ["in_progress"] }, { set: { state: "canceling" } });
    assert.deepEqual(await ids(other.links.unended(box.id, 9)), [made[2]?.id, made[3]?.id], "one that was asked to stop need not be asked again");
    assert.deepEqual(
      (await other.links.blocked(box.id, 9)).map(({ id, kind, position, task, template }) => [id, kind, position, task, template]),
      [
        [made[2]?.id, null, 2, "make_tickets", null],
        [made[3]?.id, null, 3, "make_tickets", "{}"],
      ],
    );
    assert.deepEqual(await ids(other.links.blocked(box.id, 1)), [made[2]?.id]);
  });

  it("results come by position; one that did not succeed gave null, one too long to keep gave none", async ({ store, other }) => {
    const box = await container(store);
    await succeed(store, await child(store, box, { position: 2 }), '{"a":"ü"}');
    await succeed(store, await child(store, box, { position: 0 }), "7");
    await end(store, await child(store, box, { position: 1 }), "failed");
    await end(store, await child(store, box, { position: 3 }), "succeeded");
    assert.deepEqual(await other.links.results(box.id), ["7", "null", '{"a":"ü"}', null]);
    assert.deepEqual(await other.links.results(box.id, 2), ["7", "null"]);
  });

  it("the first error is the one at the lowest position", async ({ store }) => {
    const box = await container(store);
    assert.equal(await store.links.firstError(box.id), null);
    for (const position of [2, 1]) {
      const set = { state: "failed", error: { code: "user", message: `Number ${position}` }, ended: { fromNow: 0 } } as const;
      await change(store, await child(store, box, { position }), { states: ["pending"] }, { set });
    }
    await end(store, await child(store, box), "canceled");
    assert.deepEqual(await store.links.firstError(box.id), { code: "user", message: "Number 1" });
  });

  it("a write may wait for its turn: only behind siblings that stand as they should", async ({ store }) => {
    const box = await container(store, { kind: "chain" });
    const first = await child(store, box);
    const second = await child(store, box, { position: 1, blocked: true });
    await child(store, box, { position: 2, blocked: true });
    const release = (follows: readonly Run["state"][]) =>
      change(store, second, { states: ["pending"], blocked: true, follows }, { set: { blocked: null, runAt: { fromNow: 0 } } });
    assert.equal(await release(["succeeded"]), null);
    await end(store, first, "failed");
    assert.equal(await release(["succeeded"]), null);
    assert(await release(["succeeded", "failed", "canceled"]));
    assert.equal(await release(["succeeded", "failed", "canceled"]), null, "its turn comes once");
    assert.deepEqual(
      (await store.due({ queues: [], limit: 9, except: [] })).deliveries.map(({ runId }) => runId),
      [second.id],
    );
  });

  it("a container shows the sums of what is below it, by weight, in every read; its revision grows with theirs", async ({ store, other }) => {
    const box = await container(store);
    const inner = await container(store, { weight: 10 }, box);
    const [leaf, deep] = [await child(store, box, { weight: 3 }, { totalSteps: 4 }), await child(store, inner, { weight: 2 }, { totalSteps: 5 })];
    const seen: number[] = [];
    const shows = async (completed: number, total: number) => {
      const reads = [(await other.get([box.id]))[0], (await other.getWithArtifacts(box.id))?.run, (await other.list({ parent: null }, { limit: 1 }))[0]];
      for (const run of reads) assert.deepEqual([run?.completedSteps, run?.totalSteps], [completed, total]);
      const rev = reads[0]?.rev as number;
      assert(rev > (seen.at(-1) ?? 0), "it is newer");
      seen.push(rev);
    };
    await shows(0, 112);
    await claim(store, leaf);
    await shows(0, 112);
    await change(store, leaf, { states: heldStates }, { set: { completedSteps: 1 } });
    await shows(3, 112);
    await claim(store, deep);
    await change(store, deep, { states: heldStates }, { set: { completedSteps: 2, totalSteps: 6 } });
    await shows(43, 132);
    await end(store, deep, "succeeded");
    await shows(123, 132);
    assert.deepEqual((await other.links.sums(inner.id)).completed, 12);
  });

  it("what a container shows does not fall when a child is tried again", async ({ store }) => {
    const box = await container(store);
    const run = await claim(store, await child(store, box, {}, { totalSteps: 4 }));
    await change(store, run as Run, { states: heldStates }, { set: { completedSteps: 3, totalSteps: 6 } });
    const retrying = await change(store, run as Run, { states: heldStates }, { set: { state: "retrying", runAt: { fromNow: 0 }, worker: null, lease: null } });
    assert((await claim(store, retrying as Run))?.completedSteps === 0);
    const { completed, total } = await store.links.sums(box.id);
    assert.deepEqual([completed, total], [3, 6]);
  });

  it("the words of the step under way pass up a chain, and no group", async ({ store }) => {
    for (const kind of ["chain", "chord", "group"] as const) {
      const box = await container(store, { kind });
      const inner = await container(store, { kind: "chain", position: 0 }, box);
      await change(store, inner, { states: ["pending"] }, { set: { state: "in_progress" } });
      const leaf = await claim(store, await child(store, inner));
      await change(store, leaf as Run, { states: heldStates }, { set: { stateText: "Exporting Chapter 3" } });
      const says = async () => (await store.get([box.id]))[0]?.stateText;
      assert.equal(await says(), kind === "group" ? null : "Exporting Chapter 3");
      await end(store, leaf as Run);
      assert.equal(await says(), null, "they leave with it");
    }
  });

  it("containers are stuck when nothing goes on in them, or something is to be stopped or to begin", async ({ store, other }) => {
    const stuck = async () => (await ids(other.links.stuck(99).then((list) => list.map((id) => ({ id }))))).sort();
    const idle = await container(store);
    await end(store, await child(store, idle));
    const busy = await container(store);
    await child(store, busy);
    const failed = await container(store);
    const [rest] = [await child(store, failed), await end(store, await child(store, failed), "failed")];
    const goesOn = await container(store, { onFailure: "continue" });
    await child(store, goesOn);
    await end(store, await child(store, goesOn), "failed");
    const wished = await container(store);
    const asked = await child(store, wished);
    await change(store, wished, { states: ["pending"] }, { set: { state: "canceling" } });
    const halfReleased = await container(store);
    await child(store, halfReleased);
    await child(store, halfReleased, { blocked: true });
    const chain = await container(store, { kind: "chain" });
    await child(store, chain);
    await child(store, chain, { blocked: true, position: 1 });
    await container(store, { blocked: true, position: 2 }, chain);
    assert.deepEqual(await stuck(), [idle.id, failed.id, wished.id, halfReleased.id].sort());
    assert.equal((await other.links.stuck(2)).length, 2);
    for (const run of [rest, asked]) {
      await claim(store, run as Run);
      await change(store, run as Run, { states: ["in_progress"] }, { set: { state: "canceling" } });
    }
    assert.deepEqual(await stuck(), [idle.id, halfReleased.id].sort(), "what was asked to stop is waited for");
  });

  it("the members of a tree come with what it takes to begin it again, the outer before the inner", async ({ store, other }) => {
    const box = await container(store, { onFailure: "continue" });
    const inner = await container(store, { kind: "chain", weight: 4 }, box);
    const leaf = await child(store, inner, { weight: 2, template: "{}" }, { input: "[1]", name: "Leaf", queue: "slow", priority: 7 });
    const members = await other.links.members(box.id);
    assert.deepEqual(
      members.map(({ id, parent, kind, weight, onFailure }) => [id, parent, kind, weight, onFailure]),
      [
        [box.id, null, "group", 1, "continue"],
        [inner.id, box.id, "chain", 4, "stop"],
        [leaf.id, inner.id, null, 2, "stop"],
      ],
    );
    const { template, task, name, owner, queue, priority, input, state } = members[2] as Member;
    assert.deepEqual([template, task, name, owner, queue, priority, input, state], ["{}", "make_tickets", "Leaf", "u42", "slow", 7, "[1]", "pending"]);
    assert.deepEqual(await other.links.members(leaf.id), []);
    await store.hide([box.id]);
    assert.deepEqual(await other.links.members(box.id), []);
  });

  it("linked runs are hidden, kept and erased as one", async ({ store, other }) => {
    const box = await container(store);
    const inner = await container(store, {}, box);
    const [early, late] = [await child(store, inner), await child(store, box)];
    const all = [box, inner, early, late].map(({ id }) => id).sort();
    await end(store, early, "succeeded", 60_000);
    await end(store, inner, "succeeded", 60_000);
    assert.deepEqual(await other.hideEnded({ age: 1000, limit: 9 }), [], "a part of what goes on is not too old");
    assert.deepEqual((await other.hide([box.id])).sort(), all);
    assert.deepEqual([await other.get(all), await other.list({}, { limit: 9 }), await other.hidden(9)], [[], [], []]);
    await other.erase(all);
    assert.deepEqual((await other.known(all)).sort(), all, "nothing goes before its container has ended");
    await end(store, late, "canceled");
    await end(store, box, "canceled");
    assert.deepEqual((await other.hidden(9)).sort(), all);
    await other.erase([box.id]);
    assert.deepEqual((await other.hidden(9)).length, 3, "the rest follows when the container has gone before");
    await other.erase(all);
    assert.deepEqual(await other.known(all), []);
  });

  it("linked runs are too old when their container is", async ({ store }) => {
    const box = await container(store);
    await end(store, await child(store, box), "succeeded", 5000);
    await end(store, box, "succeeded", 5000);
    const young = await container(store);
    await end(store, await child(store, young), "succeeded", 5000);
    await end(store, young);
    assert.equal((await store.hideEnded({ age: 2000, limit: 1 })).length, 2);
    assert.equal((await store.list({}, { limit: 9 })).length, 2);
  });
}
