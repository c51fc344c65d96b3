import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunBody } from "../../../src/core/wire.ts";
import { until } from "../../../src/testing/until.ts";
import { LiveSite } from "./live-site.ts";

let live: LiveSite;

beforeAll(async () => {
  live = await LiveSite.open({ maxStreamsPerVisitor: 3 });
});
afterAll(() => live[Symbol.asyncDispose]());

const brief = (response: Response) => [response.status, response.headers.get("preference-applied")];
const etagOf = (response: Response) => response.headers.get("etag") as string;

test("the tag changes whenever the bytes do: with the revision, with what the run leaves, with language and reader", async () => {
  const run = await live.start("ann");
  const tags = new Map<string, string>();
  const look = async (user: string, language: string) => {
    const response = await live.get(user, run.id, { "accept-language": language });
    const text = await response.text();
    expect(tags.get(etagOf(response)) ?? text).toBe(text);
    tags.set(etagOf(response), text);
    const again = await live.get(user, run.id, { "accept-language": language, "if-none-match": `W/"other", ${etagOf(response)}` });
    expect([again.status, await again.text(), etagOf(again)]).toEqual([304, "", etagOf(response)]);
  };
  const lookAll = async () => {
    for (const user of ["ann", "admin"]) for (const language of ["en", "de"]) await look(user, language);
  };
  await lookAll();
  expect(tags.size).toBe(4);
  const { rev } = await live.document("ann", run.id);
  await run.leave("one");
  await lookAll();
  expect((await live.document("ann", run.id)).rev).toBe(rev + 1);
  expect(tags.size).toBe(8);
  await run.end();
  await lookAll();
  expect(tags.size).toBe(12);
});

test("a poll that has the newest waits until the run moves", async () => {
  const run = await live.start("ann");
  const first = await live.get("ann", run.id);
  const waiting = live.get("ann", run.id, { "if-none-match": etagOf(first), prefer: "wait=25" });
  await until("the poll waits", () => live.site.web.streams().open === 1);
  await run.say("Moved");
  const second = await waiting;
  expect(brief(second)).toEqual([200, "wait=25"]);
  const document = (await second.json()) as RunBody;
  expect(document.state_text).toBe("Moved");
  const byRev = live.get("ann", run.id, { prefer: "wait=25" }, `?rev=${document.rev}`);
  await until("the second poll waits", () => live.site.web.streams().open === 1);
  await run.end();
  expect(await (await byRev).json()).toMatchObject({ state: "Succeeded" });
  expect(live.site.web.streams().open).toBe(0);
});

test("when the time is over it says that nothing is new", async () => {
  const run = await live.start("ann");
  const first = await live.get("ann", run.id);
  const { rev } = (await first.json()) as RunBody;
  expect(brief(await live.get("ann", run.id, { "if-none-match": etagOf(first), prefer: "wait=1" }))).toEqual([304, "wait=1"]);
  const byRev = await live.get("ann", run.id, { prefer: "wait=1" }, `?rev=${rev}`);
  expect([...brief(byRev), ((await byRev.json()) as RunBody).rev]).toEqual([200, "wait=1", rev]);
  await run.end();
});

test("who has an older revision, an ended run, or no place is answered at once", async () => {
  const run = await live.start("ann");
  const first = await live.get("ann", run.id);
  await run.say("Newer");
  expect(brief(await live.get("ann", run.id, { "if-none-match": etagOf(first), prefer: "wait=60" }))).toEqual([200, null]);
  expect(brief(await live.get("ann", run.id, { prefer: "wait=60" }))).toEqual([200, null]);
  const readers = await Promise.all([1, 2, 3].map(() => live.events("ann", run.id)));
  const newest = etagOf(await live.get("ann", run.id));
  expect(brief(await live.get("ann", run.id, { "if-none-match": newest, prefer: "wait=60" }))).toEqual([304, null]);
  for (const reader of readers) reader.close();
  await run.end();
  const last = etagOf(await live.get("ann", run.id));
  expect(brief(await live.get("ann", run.id, { "if-none-match": last, prefer: "wait=60" }))).toEqual([304, null]);
});

test("a run that is deleted while somebody waits is 404, and who goes away frees the place", async () => {
  const run = await live.start("ann");
  const etag = etagOf(await live.get("ann", run.id));
  const waiting = live.get("ann", run.id, { "if-none-match": etag, prefer: "wait=60" });
  await until("the poll waits", () => live.site.web.streams().open === 1);
  await live.site.errand.remove(run.id);
  expect((await waiting).status).toBe(404);
  const other = await live.start("ann");
  const leaving = new AbortController();
  const headers = { "x-user": "ann", prefer: "wait=60", "if-none-match": etagOf(await live.get("ann", other.id)) };
  const left = fetch(`${live.origin}/errand/tasks/${other.id}/`, { headers, signal: leaving.signal });
  await until("the poll waits", () => live.site.web.streams().open === 1);
  leaving.abort();
  await expect(left).rejects.toThrow();
  await until("its place is free", () => live.site.web.streams().open === 0);
  expect(live.site.logged).toEqual([]);
  await other.end();
});

test("Retry-After is short for a young run, long for one that waits for its time, and absent at the end", async () => {
  const run = await live.start("ann");
  expect((await live.get("ann", run.id)).headers.get("retry-after")).toBe("1");
  await run.end();
  expect((await live.get("ann", run.id)).headers.get("retry-after")).toBeNull();
  const later = await live.quick.start(null, { owner: "ann", runAt: new Date(Date.now() + 3_600_000) });
  expect((await live.get("ann", later.id)).headers.get("retry-after")).toBe("30");
  const soon = await live.quick.start(null, { owner: "ann", runAt: new Date(Date.now() + 8000) });
  expect(Number((await live.get("ann", soon.id)).headers.get("retry-after"))).toBeGreaterThan(3);
});
