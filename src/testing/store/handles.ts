import assert from "node:assert/strict";
import { StoreError } from "../../core/errors.ts";
import type { Store } from "../../core/store.ts";
import { change, claim, insert, insertClaimed, newArtifact, newRun } from "../fixtures.ts";
import { until } from "../until.ts";
import type { StoreTest } from "./store-test.ts";

export function testHandles(it: StoreTest): void {
  it("what one handle wrote, another reads", async ({ store, other }) => {
    const run = await insert(store);
    assert.deepEqual(await other.get([run.id]), [run]);
    const claimed = await claim(other, run);
    assert.equal((await store.get([run.id]))[0]?.rev, claimed?.rev);
  });

  it("migrating again, or from several handles at once, does nothing", async ({ store, open }) => {
    const run = await insert(store);
    await store.migrate();
    const more = Array.from({ length: 4 }, () => open());
    try {
      await Promise.all(more.map((handle) => handle.migrate()));
      for (const handle of more) assert.deepEqual(await handle.get([run.id]), [run]);
    } finally {
      await Promise.all(more.map((handle) => handle.close()));
    }
  });

  it("what was written outlives its handles", async ({ store, other, open }) => {
    const run = await insert(store);
    await store.close();
    await other.close();
    const later = open();
    try {
      await later.migrate();
      assert.deepEqual(await later.get([run.id]), [run]);
    } finally {
      await later.close();
    }
  });

  it("a watch hears, soon, of another handle's write, until it is stopped", async ({ store, other }) => {
    let heard = 0;
    let alsoHeard = 0;
    const stop = store.watch(() => (heard += 1));
    const stopOther = store.watch(() => (alsoHeard += 1));
    try {
      const run = await insert(other);
      await until("both listeners heard of an insert", () => heard > 0 && alsoHeard > 0);
      const before = heard;
      await change(other, run, { states: ["pending"] }, { set: { name: "new" } });
      await until("a listener heard of a change", () => heard > before);
      stop();
      stop();
      const [stopped, going] = [heard, alsoHeard];
      await insert(other);
      await until("the other listener heard of an insert", () => alsoHeard > going);
      assert.equal(heard, stopped, "a stopped listener hears nothing");
    } finally {
      stop();
      stopOther();
    }
    let heardAgain = 0;
    const stopAgain = store.watch(() => (heardAgain += 1));
    await insert(other);
    await until("a watch that began after the others had ended heard of an insert", () => heardAgain > 0);
    stopAgain();
  });

  it("a listener that sees the write is never told too early", async ({ store, other }) => {
    const run = await insert(store);
    let seen = 0;
    const stop = store.watch(async () => {
      seen = (await store.get([run.id]))[0]?.completedSteps ?? 0;
    });
    try {
      for (let step = 1; step <= 5; step += 1) {
        await change(other, run, { states: ["pending"] }, { set: { completedSteps: step } });
        await until(`the listener saw step ${step}`, () => seen === step);
      }
    } finally {
      stop();
    }
  });

  it("a setting is made once, whoever asks, and kept", async ({ store, other, open }) => {
    const values = await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? store : other).setting("secret", `value ${index}`)));
    assert.equal(new Set(values).size, 1);
    assert.match(values[0] as string, /^value \d$/);
    assert.equal(await other.setting("secret", "late"), values[0]);
    assert.equal(await other.setting("another'; --", "ä\n"), "ä\n");
    assert.equal(await other.setting("Secret", "case counts"), "case counts");
    const later = open();
    try {
      await later.migrate();
      assert.equal(await later.setting("secret", "later"), values[0]);
    } finally {
      await later.close();
    }
  });

  it("closing twice, or before first use, is no error", async ({ store, open }) => {
    await store.close();
    await store.close();
    const unused = open();
    await unused.close();
    await unused.close();
  });

  it("closing one handle leaves the other at work, its watch included", async ({ store, other }) => {
    store.watch(() => assert.fail("a closed handle heard something"));
    await store.close();
    const run = await insert(other);
    assert.deepEqual(await other.get([run.id]), [run]);
  });

  it("what was asked before the close is answered, however much it was", async ({ store, open, other }) => {
    const run = await insert(other);
    const closing = open();
    const asked = Array.from({ length: 80 }, () => closing.get([run.id]));
    const written = Promise.all(Array.from({ length: 20 }, () => insert(closing)));
    await closing.close();
    for (const found of await Promise.all(asked)) assert.deepEqual(found, [run]);
    const ids = (await written).map(({ id }) => id);
    assert.equal((await store.get(ids)).length, ids.length);
  });

  it("after close, every method says so", async ({ store, open }) => {
    const run = await insertClaimed(store);
    await store.close();
    const unused = open();
    await unused.close();
    const guard = { attempt: 1, worker: "worker-1" };
    const worker = { id: "worker-1", host: "h", pid: 1, queues: [], concurrency: 1 };
    const stop = { runId: run.id, listener: "mail", tries: 1 };
    const uses: Record<string, (handle: Store) => Promise<unknown>> = {
      migrate: (handle) => handle.migrate(),
      write: (handle) => handle.write([{ insert: newRun() }]),
      get: (handle) => handle.get([run.id]),
      list: (handle) => handle.list({}, { limit: 1 }),
      input: (handle) => handle.input(run.id),
      endedSince: (handle) => handle.endedSince(1, 1),
      due: (handle) => handle.due({ queues: [], limit: 1, except: [] }),
      renew: (handle) => handle.renew("worker-1", 1),
      held: (handle) => handle.held("worker-1"),
      strays: (handle) => handle.strays({ cancelGrace: 1, undeliveredAfter: 1, limit: 1 }),
      watch: async (handle) => handle.watch(() => {}),
      insertArtifact: (handle) => handle.insertArtifact(newArtifact(run), guard),
      resizeArtifact: (handle) => handle.resizeArtifact(run.id, 1, guard),
      getArtifact: (handle) => handle.getArtifact(run.id),
      listArtifacts: (handle) => handle.listArtifacts([run.id]),
      pageArtifacts: (handle) => handle.pageArtifacts({}, { limit: 1 }),
      hide: (handle) => handle.hide([run.id]),
      hideEnded: (handle) => handle.hideEnded({ age: 1, limit: 1 }),
      hidden: (handle) => handle.hidden(1),
      erase: (handle) => handle.erase([run.id]),
      known: (handle) => handle.known([run.id]),
      register: (handle) => handle.stops.register("mail"),
      unregister: (handle) => handle.stops.unregister("mail"),
      take: (handle) => handle.stops.take({ listeners: ["mail"], limit: 1, lease: 1 }),
      done: (handle) => handle.stops.done(stop),
      again: (handle) => handle.stops.again(stop, 1, ""),
      redeliver: (handle) => handle.stops.redeliver(run.id, "mail"),
      atWork: (handle) => handle.atWork(worker, 1),
      atWorkNoMore: (handle) => handle.atWorkNoMore("worker-1"),
      workers: (handle) => handle.workers(),
      queues: (handle) => handle.queues(),
      endedPerMinute: (handle) => handle.endedPerMinute(1),
      setting: (handle) => handle.setting("a", "b"),
    };
    for (const [name, use] of Object.entries(uses)) {
      for (const handle of [store, unused]) {
        await assert.rejects(
          use(handle),
          (thrown) => thrown instanceof StoreError && thrown.failure === "closed" && /closed/.test(thrown.message),
          `${name} of a closed store must reject with a StoreError "closed"`,
        );
      }
    }
  });
}
