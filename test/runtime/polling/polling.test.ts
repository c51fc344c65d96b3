import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NotFound, RunFailedError } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { openPolling } from "./fixture.ts";

/** The store's clock, moved by hand: ages are told by it. */
const clock = { now: Date.now() };
const opened = openPolling("", { database: sqlite({ file: freshDatabase(), clock: () => clock.now }) });
const { errand, polling, add, seen, gate } = opened;
let next = 0;
const freshUrl = () => `/add/${++next}/`;
const input = { x: 3, y: 5 };

beforeAll(() => errand.start());
afterAll(() => errand.close({ grace: 0 }));

async function end(runId: string) {
  const run = await errand.wait(runId, { timeout: 10_000 });
  expect(run?.ended).not.toBeNull();
  return run;
}

/** Keeps runs from ending until it is called. */
function hold(): () => void {
  const held = Promise.withResolvers<void>();
  gate.wait = held.promise;
  return () => {
    gate.wait = undefined;
    held.resolve();
  };
}

test("(a) a run that waits or is under way counts as running: a second call attaches to it", async () => {
  const release = hold();
  const pollingUrl = freshUrl();
  const first = await polling.checkStatusOrBegin(add, { input, pollingUrl });
  const second = await polling.checkStatusOrBegin(add, { input, pollingUrl });
  expect(first).toEqual({ status: "This process has begun and will be running in the background.", runId: first.runId, began: true });
  expect(second).toEqual({ status: "This process is currently running in the background.", runId: first.runId, began: false });
  expect(await polling.processIsRunning({ pollingUrl })).toBe(true);
  expect(await polling.processIsRunningOrComplete({ pollingUrl })).toBe(true);
  expect(await polling.processIsComplete({ pollingUrl })).toBe(false);
  expect(await polling.getProcessResult({ pollingUrl })).toBeUndefined();
  release();
  await end(first.runId);
  expect(await polling.processIsRunning({ runId: first.runId })).toBe(false);
});

test("a run that waits for its time is pending, and runs", async () => {
  const run = await add.delay(input, { runAt: new Date(clock.now + 3_600_000) });
  expect(await polling.processIsPending({ runId: run.id })).toBe(true);
  expect(await polling.processIsRunning({ runId: run.id })).toBe(true);
  expect(await polling.getProcessStatus({ runId: run.id })).toBe("Pending");
  await run.cancel();
});

test("(b) of a thousand calls at once one begins, and all get its id", async () => {
  const pollingUrl = freshUrl();
  const calls = await Promise.all(Array.from({ length: 1000 }, () => polling.checkStatusOrBegin(add, { input, pollingUrl })));
  expect(new Set(calls.map(({ runId }) => runId)).size).toBe(1);
  expect(calls.filter(({ began }) => began)).toHaveLength(1);
  await end((calls[0] as { runId: string }).runId);
});

test("(c) cacheResults: false keeps no address once the run has ended", async () => {
  const release = hold();
  const pollingUrl = freshUrl();
  const first = await polling.checkStatusOrBegin(add, { input, pollingUrl, cacheResults: false });
  expect(await polling.getTaskIdFromUrl(pollingUrl)).toBe(first.runId);
  release();
  await end(first.runId);
  expect(await polling.getTaskIdFromUrl(pollingUrl)).toBeNull();
  expect(await polling.processIsComplete({ pollingUrl })).toBe(false);
  const second = await polling.checkStatusOrBegin(add, { input, pollingUrl, cacheResults: false });
  expect(second.began).toBe(true);
  await end(second.runId);
});

test("(d) a finished result is found instead of being made again", async () => {
  const pollingUrl = freshUrl();
  const first = await polling.checkStatusOrBegin(add, { input, pollingUrl });
  await end(first.runId);
  expect(await polling.checkStatusOrBegin(add, { input, pollingUrl, locale: "de" })).toEqual({
    status: "Dieser Vorgang ist abgeschlossen.",
    runId: first.runId,
    began: false,
  });
  expect(await polling.getProcessResult({ pollingUrl })).toBe(8);
  expect(await polling.getProcessStatus({ pollingUrl })).toBe("Succeeded");
  expect(await polling.getUrlFromTaskId(first.runId)).toBe(pollingUrl);
});

test("(e) the query belongs to the key, and each owner has a key of their own", async () => {
  const pollingUrl = freshUrl();
  const begin = (options: object) => polling.checkStatusOrBegin(add, { input, pollingUrl, ...options });
  const calls = [
    await begin({ owner: "alice" }),
    await begin({ owner: "bob" }),
    await begin({}),
    await begin({ owner: "shared" }),
    await begin({ owner: "alice", scope: "shared" }),
    await begin({ owner: "alice", pollingUrl: `${pollingUrl}?zoom=2` }),
  ];
  expect(calls.every(({ began }) => began)).toBe(true);
  const again = await begin({ owner: "bob", scope: "shared" });
  expect(again).toMatchObject({ began: false, runId: calls[4]?.runId });
  expect(await polling.getTaskIdFromUrl(pollingUrl, { owner: "bob" })).toBe(calls[1]?.runId);
  expect(await polling.getTaskIdFromUrl(pollingUrl, { owner: "carol" })).toBeNull();
});

test("two owners never share a result unless told to", async () => {
  const owner = fc.oneof(fc.constantFrom("shared", "nobody", "owner:a", "a", "owner:", "visitor:1"), fc.string({ minLength: 1, maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(owner, { minLength: 2, maxLength: 4 }), async (owners) => {
      const pollingUrl = freshUrl();
      const ids = await Promise.all(owners.map(async (one) => (await polling.checkStatusOrBegin(add, { input, pollingUrl, owner: one })).runId));
      expect(new Set(ids).size).toBe(owners.length);
    }),
    { numRuns: 30 },
  );
});

test("(f) a result expires, and is served stale while one refresh runs", async () => {
  const pollingUrl = freshUrl();
  const ask = () => polling.ask(add, { pollingUrl, input: () => input, maxAge: "10s", staleWhileRevalidate: "20s" });
  const first = await ask();
  expect(first).toMatchObject({ kind: "running", began: true });
  await end(first.run.id);
  expect(await ask()).toMatchObject({ kind: "fresh", run: { id: first.run.id }, began: false });

  clock.now += 11_000;
  const release = hold();
  const stale = await ask();
  expect(stale).toMatchObject({ kind: "stale", run: { id: first.run.id }, began: true });
  expect(await ask()).toMatchObject({ kind: "stale", run: { id: first.run.id }, began: false });
  const refreshing = await polling.getTaskIdFromUrl(pollingUrl);
  release();
  await end(refreshing as string);
  expect(await ask()).toMatchObject({ kind: "fresh", run: { id: refreshing } });

  clock.now += 31_000;
  expect(await ask()).toMatchObject({ kind: "running", began: true });
});

test("a result is refreshed or forgotten by hand", async () => {
  const pollingUrl = freshUrl();
  const options = { pollingUrl, input: () => input };
  const first = await polling.ask(add, options);
  await end(first.run.id);
  expect(await polling.ask(add, { ...options, refresh: true })).toMatchObject({ kind: "fresh", run: { id: first.run.id }, began: true });
  const newer = (await polling.getTaskIdFromUrl(pollingUrl)) as string;
  expect(newer).not.toBe(first.run.id);
  await end(newer);
  expect(await polling.ask(add, options)).toMatchObject({ kind: "fresh", run: { id: newer }, began: false });
  expect(await polling.forget(add, pollingUrl)).toBe(true);
  expect(await polling.forget(add, pollingUrl)).toBe(false);
  expect(await polling.ask(add, options)).toMatchObject({ kind: "running", began: true });
});

test("(g) a failed run is told apart from one that was never started, and blocks its address only for the backoff", async () => {
  const pollingUrl = freshUrl();
  const failing = { pollingUrl, input: () => ({ x: 1, y: 1, fail: "no" }), backoff: (failures: number) => failures * 1000 };
  const first = await polling.ask(add, failing);
  await end(first.run.id);
  expect(await polling.ask(add, failing)).toMatchObject({ kind: "failed", run: { id: first.run.id }, retryIn: 1000, began: false });
  expect(await polling.getProcessStatus({ pollingUrl })).toBe("Failed");
  expect(await polling.getProcessStatus({ pollingUrl: freshUrl() })).toBeNull();
  await expect(polling.getProcessResult({ pollingUrl })).rejects.toThrow(RunFailedError);
  expect(await polling.checkStatusOrBegin(add, { ...failing, input })).toEqual({ status: "This process has failed.", runId: first.run.id, began: false });

  clock.now += 1000;
  const second = await polling.ask(add, failing);
  expect(second).toMatchObject({ kind: "running", began: true });
  await end(second.run.id);
  expect(await polling.ask(add, failing)).toMatchObject({ kind: "failed", retryIn: 2000 });
  clock.now += 2000;
  const third = await polling.ask(add, { ...failing, input: () => input });
  await end(third.run.id);
  expect(await polling.ask(add, failing)).toMatchObject({ kind: "fresh", run: { id: third.run.id } });
});

test("after a cancel, or when its run was deleted, an address begins anew at once", async () => {
  const pollingUrl = freshUrl();
  const ask = () => polling.ask(add, { pollingUrl, input: () => input });
  const release = hold();
  const first = await ask();
  await errand.cancel(first.run.id);
  release();
  await end(first.run.id);
  const second = await ask();
  expect(second).toMatchObject({ kind: "running", began: true });
  await end(second.run.id);
  await errand.remove(second.run.id);
  expect(await polling.getTaskIdFromUrl(pollingUrl)).toBeNull();
  expect(await ask()).toMatchObject({ kind: "running", began: true });
});

test("checkRunning: false, and a call without a key, begin in any case", async () => {
  const pollingUrl = freshUrl();
  const release = hold();
  const first = await polling.checkStatusOrBegin(add, { input, pollingUrl });
  const second = await polling.checkStatusOrBegin(add, { input, pollingUrl, checkRunning: false });
  expect(second.began).toBe(true);
  expect(await polling.getTaskIdFromUrl(pollingUrl)).toBe(second.runId);
  await expect(polling.getUrlFromTaskId(first.runId)).rejects.toThrow(NotFound);
  expect(await polling.checkStatusOrBegin(add, { input, runId: first.runId })).toMatchObject({ runId: first.runId, began: false });
  expect((await polling.checkStatusOrBegin(add, { input })).began).toBe(true);
  release();
});

test("an app may say it in words of its own", async () => {
  const messages = { en: { "polling.begun": "Adding up." }, de: { "polling.begun": "Wird addiert." } };
  const own = openPolling(freshDatabase(), { messages });
  const begin = (locale?: string) => own.polling.checkStatusOrBegin(own.add, { input, pollingUrl: `/own/${locale}`, ...(locale && { locale }) });
  expect([(await begin()).status, (await begin("de-AT")).status, (await begin("fr")).status]).toEqual([
    "Adding up.",
    "Wird addiert.",
    "Ce traitement a commencé et se poursuit en arrière-plan.",
  ]);
  await own.errand.close({ grace: 0 });
});

test("what says neither address nor id is refused in words", async () => {
  await expect(polling.processIsComplete({})).rejects.toThrow("errand.polling.processIsComplete needs a pollingUrl or a runId");
});

test("an input that will not do leaves the address free", async () => {
  const pollingUrl = freshUrl();
  const before = seen.length;
  await expect(polling.checkStatusOrBegin(add, { input: { when: new Date() } as never, pollingUrl })).rejects.toThrow(/when/);
  expect(await polling.getTaskIdFromUrl(pollingUrl)).toBeNull();
  expect(seen).toHaveLength(before);
});

test("runs with a key: while one is under way no other is begun, afterwards one is", async () => {
  const release = hold();
  const runs = await Promise.all(Array.from({ length: 20 }, () => add.start(input, { owner: "alice", key: "cart" })));
  expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
  const others = await Promise.all([add.start(input, { owner: "bob", key: "cart" }), add.start(input, { owner: "alice", key: "list" })]);
  expect(new Set([...runs, ...others].map(({ id }) => id)).size).toBe(3);
  release();
  expect(await runs[7]?.result()).toBe(8);
  expect((await add.start(input, { owner: "alice", key: "cart" })).id).not.toBe(runs[0]?.id);
});
