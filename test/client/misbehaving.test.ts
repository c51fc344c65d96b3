import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { type RequestOptions, Requests } from "../../src/client/requests.ts";
import { RunWatch, type Timing, type WatchRunOptions } from "../../src/client/watch-run.ts";
import { until } from "../../src/testing/until.ts";
import { type Deed, MisbehavingServer } from "./misbehaving-server.ts";

/** So that a hundred failures take no time, ms. */
const quick: Partial<Timing> = { retry: 1, longestRetry: 4, poll: 1, lesser: 20 };
/** The same, and a lesser way stays the way, however slow the machine. */
const lasting: Partial<Timing> = { ...quick, lesser: 3_600_000 };
const LAST = 20;

const rev = fc.integer({ min: 1, max: LAST - 1 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constant("stream"), revs: fc.array(rev, { maxLength: 6 }), end: fc.constantFrom("cut", "end", "half", "nonsense") } as const),
  fc.record({ kind: fc.constant("document"), rev, hasWaited: fc.boolean() } as const),
  fc.record({ kind: fc.constant("status"), status: fc.constantFrom(500, 502, 503, 504), retryAfter: fc.constantFrom("0.001", "soon", "-1") } as const),
  fc.constant({ kind: "status", status: 429, retryAfter: "0.002" } as const),
  fc.constant({ kind: "status", status: 204 } as const),
  fc.constant({ kind: "cut" } as const),
);

/** The revisions that a watch tells. */
async function watched(
  { base }: MisbehavingServer,
  timing = quick,
  { signal = new AbortController().signal, shared = Promise.resolve(undefined), ...more }: RequestOptions & Partial<WatchRunOptions> = {},
): Promise<number[]> {
  const requests = new Requests({ base, ...more });
  const options = { requests, url: requests.runUrl("x"), signal, onConnection: () => {}, shared, timing };
  const revs: number[] = [];
  for await (const run of new RunWatch(options).documents()) revs.push(run.rev);
  return revs;
}

test("whatever a server cuts, repeats or puts out of order: revisions rise strictly, and the last is the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25 }), async (deeds) => {
      await using server = await MisbehavingServer.open(deeds, LAST);
      const revs = await watched(server);
      expect(revs).toEqual([...new Set(revs)].sort((one, other) => one - other));
      expect(revs.at(-1)).toBe(LAST);
    }),
    { numRuns: 150 },
  );
});

const cut: Deed = { kind: "stream", revs: [], end: "cut" };

test("streams that are cut three times give way to long polls, these to polls, and after a while to streams again", async () => {
  const stays: Deed = { kind: "document", rev: 1, hasWaited: false };
  const deeds: Deed[] = [cut, cut, cut, stays, { kind: "cut" }, { kind: "cut" }, { kind: "cut" }, { ...stays, lasts: true }];
  await using server = await MisbehavingServer.open(deeds, LAST);
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const telling = watched(server, lasting);
  await until("it polls", () => server.asked.length > deeds.length);
  vi.setSystemTime(Date.now() + 3_600_001);
  expect(await telling).toEqual([1, LAST]);
  const ways = server.asked.filter((way, index) => way !== server.asked[index - 1]);
  // The first question waits for nothing: nothing is known.
  expect(ways).toEqual(["stream", "poll", "wait", "poll", "stream"]);
  expect(server.asked.slice(0, 7)).toEqual(["stream", "stream", "stream", "poll", "wait", "wait", "wait"]);
});

test("a stream that brings news is no reason to give up streams, however often it is cut", async () => {
  const deeds = Array.from({ length: 12 }, (_, index): Deed => ({ kind: "stream", revs: [index + 1], end: "cut" }));
  await using server = await MisbehavingServer.open(deeds, LAST);
  expect((await watched(server)).at(-1)).toBe(LAST);
  expect(server.known).toEqual([undefined, ...deeds.map((_, index) => String(index + 1))]);
  expect(new Set(server.asked)).toEqual(new Set(["stream"]));
});

test("a server that says it has waited, and has not, is not asked without end", async () => {
  const deeds: Deed[] = [cut, cut, cut, ...Array.from({ length: 50 }, (): Deed => ({ kind: "document", rev: 1, hasWaited: true }))];
  await using server = await MisbehavingServer.open(deeds, LAST);
  const began = performance.now();
  await watched(server, { ...quick, retry: 20, lesser: 200 });
  // At a quarter of `retry` each, no more than these fit in.
  expect(server.asked.length).toBeLessThan((performance.now() - began) / 5 + 10);
});

test("a page to sign in, in the place of every document, ends the watch in words", async () => {
  const deeds = Array.from({ length: 20 }, (): Deed => ({ kind: "html" }));
  await using server = await MisbehavingServer.open(deeds, LAST);
  await expect(watched(server)).rejects.toMatchObject({ code: "ERRAND_REQUEST", message: expect.stringContaining("text/html") });
  await using patient = await MisbehavingServer.open(deeds.slice(0, 3), LAST);
  expect(await watched(patient)).toEqual([LAST]);
});

test("a refusal ends the watch in each way", async () => {
  for (const status of [401, 403, 404, 410]) {
    const refused: Deed = { kind: "status", status };
    for (const before of [[], [cut, cut, cut]]) {
      await using server = await MisbehavingServer.open([...before, refused], LAST);
      await expect(watched(server, lasting)).rejects.toMatchObject({ status });
    }
  }
  await using odd = await MisbehavingServer.open([cut, cut, cut, { kind: "status", status: 418 }], LAST);
  await expect(watched(odd, lasting)).rejects.toMatchObject({ status: 418, code: "ERRAND_REQUEST" });
  // What takes no streams may still answer questions.
  await using plain = await MisbehavingServer.open([{ kind: "status", status: 406 }], LAST);
  expect(await watched(plain, lasting)).toEqual([LAST]);
  expect(plain.asked).toEqual(["stream", "poll"]);
});

test("the server's word on when to ask again counts", async () => {
  const deeds: Deed[] = [{ kind: "status", status: 406 }, ...Array.from({ length: 5 }, (): Deed => ({ kind: "document", rev: 1, hasWaited: false }))];
  await using server = await MisbehavingServer.open(deeds, LAST);
  expect(await watched(server, { ...lasting, poll: 3_600_000 })).toEqual([1, LAST]);
});

test("a run that is gone is gone at once", async () => {
  await using server = await MisbehavingServer.open([{ kind: "stream", revs: [1], end: "end" }, { kind: "gone" }], LAST);
  await expect(watched(server)).rejects.toMatchObject({ code: "ERRAND_RUN_GONE", status: 410 });
  expect(server.asked).toEqual(["stream", "stream"]);
});

test("a stream that says nothing is taken for dead", async () => {
  await using server = await MisbehavingServer.open([], LAST);
  const hanging = new Set<object>();
  // It answers, and then says nothing at all.
  const silence: typeof fetch = async (url, init) => {
    if (hanging.size >= 2) return fetch(url, init);
    const body = new ReadableStream({
      start: (controller) => {
        if (hanging.size > 0) controller.enqueue(new TextEncoder().encode(":\n\n"));
        init?.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    });
    hanging.add(body);
    // The first has not even begun.
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  expect(await watched(server, { ...quick, opening: 30, silence: 30 }, { fetch: silence })).toEqual([LAST]);
  expect(hanging.size).toBe(2);
});

test("a shared stream whose script never comes delays a watch, and keeps neither it nor its end", async () => {
  const shared = new Promise<undefined>(() => {});
  await using server = await MisbehavingServer.open([], LAST);
  expect(await watched(server, { ...quick, opening: 500 }, { shared })).toEqual([LAST]);
  expect(server.asked).toEqual(["stream"]);
  const enough = new AbortController();
  const waiting = watched(server, { ...quick, opening: 3_600_000 }, { shared, signal: enough.signal });
  enough.abort();
  expect(await waiting).toEqual([]);
  expect(await watched(server, quick, { shared, signal: enough.signal })).toEqual([]);
  expect(server.asked).toEqual(["stream"]);
});

test("a shared stream that is known at once leaves no timer behind", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const signal = AbortSignal.abort();
  await using server = await MisbehavingServer.open([], LAST);
  expect(await watched(server, { ...quick, opening: 3_600_000 }, { signal })).toEqual([]);
  await using other = await MisbehavingServer.open([], LAST);
  expect(await watched(other, { ...quick, opening: 3_600_000 })).toEqual([LAST]);
  expect(timers()).toBeLessThanOrEqual(before);
});
