import { afterEach, expect, test, vi } from "vitest";
import type { RunWithArtifacts } from "../../../src/core/run.ts";
import { until } from "../../../src/testing/until.ts";
import { EventStream, type EventStreamOptions } from "../../../src/web/events/event-stream.ts";
import { EventReader } from "./event-reader.ts";
import { LiveSite } from "./live-site.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("one visitor's further streams get 429, the process's 503, and a place that is given back serves again", async () => {
  await using live = await LiveSite.open({ maxStreams: 3, maxStreamsPerVisitor: 2 });
  const run = await live.start("ann");
  const bobs = await live.start("bob");
  const readers = [await live.events("ann", run.id), await live.events("ann")];
  await using third = await live.events("ann", run.id);
  expect([third.response.status, third.response.headers.get("retry-after")]).toEqual([429, "10"]);
  readers.push(await live.events("bob", bobs.id));
  await using fourth = await live.events("bob");
  expect([fourth.response.status, fourth.response.headers.get("retry-after")]).toEqual([503, "10"]);
  expect((await live.get("ann", run.id)).status).toBe(200);
  for (const reader of readers) reader.close();
  await until("the places are free", () => live.site.web.streams().open === 0);
  await using again = await live.events("ann", run.id);
  expect(again.response.status).toBe(200);
  await bobs.end();
  await run.end();
});

test("closing ends all streams in an orderly way, and waiting polls", async () => {
  await using live = await LiveSite.open();
  const { id } = await live.quick.start(null, { owner: "ann", runAt: new Date(Date.now() + 3_600_000) });
  const readers = [await live.events("ann", id), await live.events("ann")];
  for (const reader of readers) await reader.document();
  const etag = (await live.get("ann", id)).headers.get("etag") as string;
  const poll = live.get("ann", id, { prefer: "wait=60", "if-none-match": etag });
  await until("all are held", () => live.site.web.streams().open === 3);
  await live.site.errand.close();
  expect(await Promise.all(readers.map((reader) => reader.rest()))).toEqual([[], []]);
  expect([(await poll).status, (await poll).headers.get("preference-applied")]).toEqual([304, null]);
  expect(live.site.web.streams()).toEqual({ open: 0, followed: 0 });
});

test("heartbeats come every 15 s, and a stream that has lasted for minutes ends so that its reader is looked at anew", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  let isSignedIn = true;
  await using live = await LiveSite.open({ identify: () => (isSignedIn ? { id: "ann" } : null) });
  const { id } = await live.quick.start(null, { owner: "ann", runAt: new Date(Date.now() + 3_600_000) });
  await using reader = await live.events("ann", id);
  await reader.document();
  const rest = reader.rest();
  vi.advanceTimersByTime(15_000);
  await until("a heartbeat came", () => reader.comments === 1);
  vi.advanceTimersByTime(15_000);
  await until("another came", () => reader.comments === 2);
  isSignedIn = false;
  vi.advanceTimersByTime(400_000);
  expect(await rest).toEqual([]);
  await using again = await EventReader.open(reader.response.url);
  expect(again.response.status).toBe(403);
});

test("for a client that does not read, only the newest of each run is kept, in the order of the changes", async () => {
  const { stream, chunk, entry } = unread({ isOfOneRun: false });
  for (let rev = 1; rev <= 1000; rev++) for (const id of ["a", "b", "c"]) stream.changed(entry(id, rev));
  stream.changed(entry("a", 1001));
  stream.gone("c"); // It was never sent, so there is nothing to take back.
  expect([await chunk(), await chunk()]).toEqual(["b 1000", "a 1001"]);
  stream.changed(entry("a", 1000));
  stream.changed(entry("b", 1000));
  stream.beat();
  stream.gone("b");
  expect(await chunk()).toContain("event: gone");
  stream.end();
  expect(await chunk()).toBeUndefined();
});

test("the last revision of a run goes out before its stream ends, to a slow client too, and everything is freed once", async () => {
  const onEnd = vi.fn();
  const { stream, chunk, entry } = unread({ isOfOneRun: true, onEnd });
  stream.changed(entry("a", 1));
  stream.changed(entry("a", 2, true));
  expect([await chunk(), await chunk()]).toEqual(["a 2", undefined]);
  stream.end();
  await stream.body.cancel().catch(() => undefined);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test("access is looked at for every snapshot: who may not see it any more is told that it is gone", async () => {
  let isAllowed = true;
  const { stream, chunk, entry } = unread({ isOfOneRun: false, allows: async () => isAllowed });
  stream.changed(entry("a", 1));
  expect(await chunk()).toBe("a 1");
  isAllowed = false;
  stream.changed(entry("a", 2));
  expect(await chunk()).toContain("event: gone");
  stream.changed(entry("b", 1));
  isAllowed = true;
  stream.changed(entry("c", 1));
  expect(await chunk()).toMatch(/^[bc] 1$/);
});

test("a rule that throws ends the stream, and is logged", async () => {
  const onError = vi.fn();
  const onEnd = vi.fn();
  const { stream, chunk, entry } = unread({ isOfOneRun: false, onError, onEnd, allows: () => Promise.reject(new Error("no rules today")) });
  stream.changed(entry("a", 1));
  expect(await chunk()).toBeUndefined();
  expect([onError.mock.calls.length, onEnd.mock.calls.length]).toEqual([1, 1]);
});

/** A stream by itself whose frames are "id rev", and what its client reads one by one. */
function unread(options: Partial<EventStreamOptions>) {
  const encoder = new TextEncoder();
  const stream = new EventStream({
    opening: [],
    frame: ({ run }) => encoder.encode(`${run.id} ${run.rev}`),
    allows: () => true,
    isOfOneRun: false,
    onEnd: () => undefined,
    onError: () => undefined,
    ...options,
  });
  const reader = stream.body.getReader();
  const decoder = new TextDecoder();
  return {
    stream,
    chunk: async () => {
      const { value } = await reader.read();
      return value && decoder.decode(value);
    },
    entry: (id: string, rev: number, isEnded = false): RunWithArtifacts => ({
      run: { id, rev, ended: isEnded ? 1 : null } as RunWithArtifacts["run"],
      artifactIds: [],
    }),
  };
}
