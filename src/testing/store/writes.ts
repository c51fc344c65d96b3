import assert from "node:assert/strict";
import { StoreError } from "../../core/errors.ts";
import type { Change } from "../../core/store.ts";
import { change, claim, insert, newRun } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

/** Texts that a careless store would run, cut or change. */
export const awkwardTexts: readonly string[] = [
  "'; DROP TABLE errand_runs; --",
  '"quoted" \\ `backticked` %_* $1 ? :name @x',
  "<script>alert(1)</script>",
  "Grüße, 你好, العربية, 🧑🏽‍🚀, e\u0301",
  "line\r\nline\ttab",
  " null ",
];

export function testWrites(it: StoreTest): void {
  it("an inserted run is a snapshot of its row with everything else at its default", async ({ store, other }) => {
    const row = newRun({
      owner: null,
      queue: "mail",
      priority: -7,
      totalSteps: 12,
      steps: [
        { label: "Read “it”", weight: 1 },
        { label: { key: "app.draw", params: { of: 3 } }, weight: 2.5 },
      ],
      maxAttempts: 4,
      parent: newRun().id,
      rerunOf: newRun().id,
      runAt: { fromNow: 5000 },
    });
    const [run] = await store.write([{ insert: row }]);
    assert(run && !(run instanceof Error));
    const { input: _, timeout: __, ...shown } = row;
    assert.deepEqual(run, {
      ...shown,
      rev: 1,
      state: "pending",
      stateText: null,
      completedSteps: 0,
      step: 0,
      stepFrom: 0,
      stepStarted: null,
      attempt: 0,
      result: null,
      error: null,
      runAt: run.created + 5000,
      created: run.created,
      modified: run.created,
      started: null,
      ended: null,
      kind: null,
      root: null,
    });
    assert.deepEqual(await other.get([row.id]), [run]);
  });

  it("a run may wait for an absolute time", async ({ store }) => {
    const runAt = Date.UTC(2100, 0, 1) + 1;
    assert.equal((await insert(store, { runAt })).runAt, runAt);
  });

  it("the second insert of an id is a conflict that touches neither the row nor its neighbours", async ({ store, other }) => {
    const run = await insert(store, { name: "the first" });
    const [before, conflict, after] = await other.write([
      { insert: newRun({ name: "before" }) },
      { insert: newRun({ id: run.id, name: "the second" }) },
      { insert: newRun({ name: "after" }) },
    ]);
    assert(conflict instanceof StoreError, "the result is a StoreError");
    assert.equal(conflict.failure, "conflict");
    assert.equal(conflict.temporary, false);
    assert.deepEqual(await store.get([run.id]), [run]);
    assert.deepEqual(
      [before, after].map((result) => result && "name" in result && result.name),
      ["before", "after"],
    );
    assert.equal((await store.list({}, { limit: 10 })).length, 3);
  });

  it("each write of a group stands alone, sees those before it, and has its result at its place", async ({ store, other }) => {
    const run = await insert(store);
    const step = (completedSteps: number, attempt: number): Change => ({
      id: run.id,
      guard: { states: ["pending"], attempt },
      patch: { set: { completedSteps } },
    });
    const results = await store.write([
      { change: step(1, 0) },
      { change: step(2, 9) },
      { insert: newRun({ id: run.id }) },
      { change: step(3, 0) },
      { change: { id: newRun().id, guard: { states: ["pending"] }, patch: {} } },
    ]);
    assert.deepEqual(
      results.map((result) => (result instanceof Error ? "error" : (result?.completedSteps ?? null))),
      [1, null, "error", 3, null],
    );
    const [read] = await other.get([run.id]);
    assert.deepEqual([read?.completedSteps, read?.rev], [3, 3]);
  });

  it("an empty group is no write", async ({ store }) => {
    assert.deepEqual(await store.write([]), []);
  });

  it("a group of many writes comes back whole and in order", async ({ store, other }) => {
    const rows = Array.from({ length: 500 }, (_, index) => newRun({ priority: index }));
    const results = await store.write(rows.map((row) => ({ insert: row })));
    assert.deepEqual(
      results.map((result) => result && "id" in result && result.id),
      rows.map(({ id }) => id),
    );
    assert.equal((await other.get(rows.map(({ id }) => id))).length, 500);
  });

  it("only a claim hands out the input; input() reads it", async ({ store, other }) => {
    const input = '{"deep":[1,{"ä":null}],"text":"\\u0000"}';
    const run = await insert(store, { input });
    assert(!("input" in run));
    assert.equal(await other.input(run.id), input);
    const claimed = await claim(store, run);
    assert.deepEqual(claimed?.input, JSON.parse(input));
    assert(!("input" in ((await other.get([run.id]))[0] as object)));
    assert.equal(await store.input(newRun().id), null);
  });

  for (const text of awkwardTexts) {
    it(`text comes back as it was: ${JSON.stringify(text)}`, async ({ store, other }) => {
      const [inserted] = await store.write([{ insert: newRun({ task: text, name: text, owner: text, queue: text, input: JSON.stringify({ [text]: text }) }) }]);
      assert(inserted && !(inserted instanceof Error));
      const error = { message: { key: "run.told", params: { text } }, code: "user", type: text, support: text } as const;
      const [written] = await store.write([
        {
          change: { id: inserted.id, claim: true, guard: { states: ["pending"] }, patch: { set: { stateText: text, result: JSON.stringify([text]), error } } },
        },
      ]);
      assert(written && !(written instanceof Error) && "input" in written);
      const { input, trace: _, ...run } = written;
      assert.deepEqual(input, { [text]: text });
      assert.deepEqual(await other.get([run.id]), [run]);
      assert.deepEqual([run.task, run.name, run.owner, run.queue, run.stateText, run.result, run.error], [text, text, text, text, text, [text], error]);
    });
  }

  it("a trace is kept with its run, for each claim and for whoever asks, and no snapshot bears it", async ({ store, other }) => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 vendor=a,other=b";
    const [traced, untraced] = [await insert(store, { trace }), await insert(store)];
    assert.deepEqual([await other.trace(traced.id), await other.trace(untraced.id), await other.trace(newRun().id)], [trace, null, null]);
    const first = await claim(store, traced);
    assert.equal(first?.trace, trace);
    const retrying = await change(store, traced, { states: ["in_progress"] }, { set: { state: "retrying", runAt: { fromNow: 0 } } });
    assert(retrying);
    assert.equal((await claim(other, retrying))?.trace, trace);
    assert.equal((await claim(store, untraced))?.trace, null);
    for (const run of [traced, retrying, ...(await store.get([traced.id])), ...(await store.list({}, { limit: 9 }))]) assert(!("trace" in run));
    await store.hide([traced.id]);
    assert.equal(await store.trace(traced.id), null);
  });

  it("an id is a value, whatever is in it", async ({ store }) => {
    const run = await insert(store);
    for (const text of [...awkwardTexts, "", "%", run.id.toUpperCase(), `${run.id} `, `${run.id}' OR '1'='1`]) {
      assert.deepEqual(await store.get([text]), []);
      assert.equal(await store.input(text), null);
      assert.equal(await store.trace(text), null);
      assert.deepEqual(await store.write([{ change: { id: text, guard: { states: ["pending"] }, patch: { set: { name: "taken over" } } } }]), [null]);
    }
    assert.deepEqual(await store.get([run.id]), [run]);
  });

  it("big values are kept whole", async ({ store, other }) => {
    const text = "Größe 🧾 ".repeat(400_000);
    const run = await insert(store, { input: JSON.stringify(text), totalSteps: Number.MAX_SAFE_INTEGER });
    assert.equal(run.totalSteps, Number.MAX_SAFE_INTEGER);
    assert.equal(JSON.parse((await other.input(run.id)) as string), text);
    await store.write([
      { change: { id: run.id, guard: { states: ["pending"] }, patch: { set: { result: JSON.stringify({ text }), completedSteps: 2 ** 40 } } } },
    ]);
    const [read] = await other.get([run.id]);
    assert.deepEqual([read?.result, read?.completedSteps], [{ text }, 2 ** 40]);
  });

  it("runs are read by lists of any length", async ({ store }) => {
    const run = await insert(store);
    assert.deepEqual(await store.get([]), []);
    const many = Array.from({ length: 20_000 }, () => newRun().id);
    assert.deepEqual(await store.get([...many, run.id]), [run]);
    assert.deepEqual(await store.known([run.id, ...many]), [run.id]);
    assert.deepEqual(await store.listArtifacts([run.id, ...many]), []);
    assert.deepEqual(await store.get([run.id, run.id]), [run]);
  });
}
