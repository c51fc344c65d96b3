import { afterEach, beforeEach, expect, test } from "vitest";
import { type Client, type Connection, createClient, type RunDocument, RunGoneError } from "../../src/client/index.ts";
import { LiveSite } from "../web/live/live-site.ts";

let live: LiveSite;
beforeEach(async () => {
  live = await LiveSite.open();
});
afterEach(() => live[Symbol.asyncDispose]());

function clientOf(user: string): Client {
  return createClient({ base: `${live.origin}/errand`, headers: { "x-user": user } });
}

async function next(watch: AsyncGenerator<RunDocument>): Promise<RunDocument> {
  const { value, done } = await watch.next();
  if (done || !value) throw new Error("The watch is over.");
  return value;
}

const streams = () => live.site.web.streams().open;

test("a run is told as it is, as it becomes, and as it ended; then the watch is over, and nothing is left open", async () => {
  const run = await live.start("ann");
  const heard: Connection[] = [];
  const watch = clientOf("ann").watch(run.id, { onConnection: (connection) => heard.push(connection) });
  expect(await next(watch)).toMatchObject({ id: run.id, state: "In Progress" });
  await run.say("half of it");
  expect((await next(watch)).state_text).toBe("half of it");
  await run.end();
  expect(await next(watch)).toMatchObject({ state: "Succeeded", result: null });
  expect(await watch.next()).toEqual({ value: undefined, done: true });
  expect(heard).toEqual(["live", "over"]);
  await expect.poll(streams).toBe(0);
});

test("by its address, by a URL object, and from what the page came with, which is not told again", async () => {
  const run = await live.start("ann");
  const client = clientOf("ann");
  const known = await client.get(run.id);
  const watch = client.watch(new URL(known.url), { known });
  const following = next(watch);
  await expect.poll(streams).toBe(1);
  await run.say("more");
  const document = await following;
  expect(document.rev).toBeGreaterThan(known.rev);
  await watch.return();
  await run.end();
  const ended = await client.get(known.url.slice(0, -1));
  const after: RunDocument[] = [];
  for await (const one of client.watch(known.url, { known: ended })) after.push(one);
  expect(after).toEqual([]);
});

test.each(["break", "return() while it waits", "the signal"])("%s closes the connection", async (how) => {
  const run = await live.start("ann");
  const stop = new AbortController();
  const watch = clientOf("ann").watch(run.id, { signal: stop.signal });
  if (how === "break") for await (const _ of watch) break;
  else {
    await next(watch);
    const waiting = watch.next();
    await expect.poll(streams).toBe(1);
    if (how === "the signal") {
      stop.abort(new Error("enough"));
      await expect(waiting).rejects.toThrow("enough");
    } else {
      await watch.return();
      expect(await waiting).toEqual({ value: undefined, done: true });
    }
  }
  await expect.poll(streams).toBe(0);
});

test("a signal that has fired asks for nothing", async () => {
  const run = await live.start("ann");
  const asked: string[] = [];
  const client = createClient({ base: `${live.origin}/errand`, fetch: (url) => Promise.reject(asked.push(String(url))) });
  await expect(client.watch(run.id, { signal: AbortSignal.abort(new Error("before")) }).next()).rejects.toThrow("before");
  expect(asked).toEqual([]);
});

test("a run that is deleted while it is watched, or is somebody else's, is gone", async () => {
  const run = await live.start("ann");
  const watch = clientOf("ann").watch(run.id);
  await next(watch);
  const rest = (async () => {
    let last: RunDocument | undefined;
    for await (const one of watch) last = one;
    return last?.state;
  })().catch((error: unknown) => error);
  await clientOf("ann").remove(run.id);
  // It was canceled first, and who is quick sees that end.
  const end = await rest;
  expect(end === "Canceled" || end instanceof RunGoneError, String(end)).toBe(true);
  await expect(clientOf("ann").watch(run.id).next()).rejects.toMatchObject({ code: "ERRAND_RUN_GONE", status: 404 });
  const other = await live.start("bob");
  await expect(clientOf("ann").watch(other.id).next()).rejects.toBeInstanceOf(RunGoneError);
  await expect(
    createClient({ base: `${live.origin}/errand` })
      .watch(other.id)
      .next(),
  ).rejects.toMatchObject({ code: "ERRAND_ACCESS_DENIED", status: 403 });
});

test("who takes long over a document gets the newest of what came meanwhile, and the end", async () => {
  const run = await live.start("ann");
  const watch = clientOf("ann").watch(run.id);
  const seen = [await next(watch)];
  for (let step = 1; step <= 20; step++) await run.say(`step ${step}`);
  await run.end();
  for await (const one of watch) seen.push(one);
  const revs = seen.map(({ rev }) => rev);
  expect(revs).toEqual([...new Set(revs)].sort((one, other) => one - other));
  expect(seen.at(-1)?.state).toBe("Succeeded");
});

test("where there is no place for a stream, the server is asked", async () => {
  await live[Symbol.asyncDispose]();
  live = await LiveSite.open({ maxStreamsPerVisitor: 0 });
  const run = await live.start("ann");
  const heard: Connection[] = [];
  const watch = clientOf("ann").watch(run.id, { onConnection: (connection) => heard.push(connection) });
  await next(watch);
  await run.end();
  const seen: RunDocument[] = [];
  for await (const one of watch) seen.push(one);
  expect(seen.at(-1)?.state).toBe("Succeeded");
  expect(heard).toEqual(["polling", "over"]);
});

test("a text may hold what ends a line elsewhere", async () => {
  const run = await live.start("ann");
  const watch = clientOf("ann").watch(run.id);
  await next(watch);
  await run.say("one\u2028two\u2029three\r\nfour\u0085");
  expect((await next(watch)).state_text).toBe("one\u2028two\u2029three\r\nfour\u0085");
  await watch.return();
});
