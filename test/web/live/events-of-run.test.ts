import { afterAll, beforeAll, expect, test } from "vitest";
import { group } from "../../../src/index.ts";
import { until } from "../../../src/testing/until.ts";
import { EventReader } from "./event-reader.ts";
import { LiveSite } from "./live-site.ts";

let live: LiveSite;

beforeAll(async () => {
  live = await LiveSite.open();
});
afterAll(() => live[Symbol.asyncDispose]());

test("what a run leaves while it goes on comes at once", async () => {
  const run = await live.start("ann");
  await using reader = await live.events("ann", run.id);
  const first = await reader.document();
  const heard: number[] = [];
  const watching = await live.site.errand.watch(run.id, ({ rev }) => heard.push(rev));
  await run.leave("early.txt");
  // In the process that wrote it nobody waits for the store to tell.
  expect(heard).toEqual([first.rev + 1]);
  watching?.stop();
  const second = await reader.document();
  expect([first.artifacts.length, second.artifacts.length]).toEqual([0, 1]);
  expect(second.rev).toBe(first.rev + 1);
  await run.end();
});

test("the document comes as it is and as it becomes, to the end, which ends the stream", async () => {
  const run = await live.start("ann");
  const reader = await live.events("ann", run.id);
  expect([reader.response.status, reader.response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  expect(reader.response.headers.get("cache-control")).toBe("no-store, no-transform");
  expect(reader.response.headers.get("x-accel-buffering")).toBe("no");
  const first = await reader.next();
  expect(reader.retry).toBeGreaterThanOrEqual(1000);
  expect(JSON.parse(first?.data as string)).toEqual(await live.document("ann", run.id));
  expect(first?.id).toBe(String(JSON.parse(first?.data as string).rev));
  await run.say("Exporting");
  expect((await reader.document()).state_text).toBe("Exporting");
  await run.leave("late.txt");
  await run.end();
  const rest = await reader.rest();
  const last = rest.at(-1);
  expect(JSON.parse(last?.data as string)).toEqual(await live.document("ann", run.id));
  expect(JSON.parse(last?.data as string)).toMatchObject({ state: "Succeeded", artifacts: [expect.stringContaining("/errand/artifacts/")] });
  expect((await live.events("ann", run.id, last?.id)).response.status).toBe(204);
});

test("who comes late, or with a revision that is old, gets the newest; who has it hears of the next only", async () => {
  const run = await live.start("ann");
  await run.say("One");
  const known = await live.document("ann", run.id);
  await using stale = await live.events("ann", run.id, String(known.rev - 1));
  expect((await stale.document()).rev).toBe(known.rev);
  await using current = await live.events("ann", run.id, String(known.rev));
  await using byQuery = await EventReader.open(`${live.origin}/errand/tasks/${run.id}/events/?rev=${known.rev}`, { "x-user": "ann" });
  await run.say("Two");
  for (const reader of [current, byQuery]) expect(await reader.document()).toMatchObject({ state_text: "Two" });
  await run.end();
  await using late = await live.events("ann", run.id, "7nonsense");
  expect(await late.document()).toMatchObject({ state: "Succeeded" });
  expect(await late.rest()).toEqual([]);
});

test("a burst of writes is gathered, and its last is never lost", async () => {
  const run = await live.start("ann");
  const reader = await live.events("ann", run.id);
  const { rev } = await reader.document();
  const { errand } = live.site;
  const told: number[] = [];
  const watching = await errand.watch(run.id, ({ rev }) => told.push(rev));
  for (let step = 0; step < 300; step++) await run.say(`Step ${step}`);
  const last = await reader.until(({ state_text }) => state_text === "Step 299");
  expect(last.rev).toBe((await errand.get(run.id))?.rev);
  expect(told.length).toBeGreaterThan(0);
  watching?.stop();
  await run.end();
  expect((await reader.rest()).length).toBeLessThanOrEqual(2);
  expect(last.rev).toBeGreaterThan(rev);
});

test("each reader sees it in their language, superusers with its owner", async () => {
  const { id } = await live.quick.delay("x", { owner: "ann" });
  const seen = async (user: string, language: string) =>
    JSON.parse((await (await live.events(user, id, undefined, { "accept-language": language })).rest())[0]?.data ?? "");
  const [en, de, admin] = await Promise.all([seen("ann", "en"), seen("ann", "de"), seen("admin", "en")]);
  expect([en.state_text, de.state_text, admin.state_text]).toEqual(["Succeeded", "Erfolgreich", "Succeeded"]);
  expect([en.owner, de.owner, admin.owner]).toEqual([undefined, undefined, "ann"]);
});

test("a run that is deleted is told gone, and then is not there", async () => {
  const run = await live.start("ann");
  const reader = await live.events("ann", run.id);
  await reader.document();
  await live.site.errand.remove(run.id);
  const last = (await reader.rest()).at(-1);
  expect([last?.type, JSON.parse(last?.data as string)]).toEqual(["gone", { id: run.id }]);
  expect((await live.events("ann", run.id)).response.status).toBe(404);
});

test("somebody else's run, an unknown one and nonsense are 404, nobody gets 403, and nothing stays open", async () => {
  const run = await live.start("ann");
  for (const [user, id, status] of [
    ["bob", run.id, 404],
    ["ann", "01890000-0000-7000-8000-000000000000", 404],
    ["ann", "nonsense", 404],
  ] as const) {
    await using reader = await live.events(user, id);
    const { response } = reader;
    expect([user, id, response.status, response.headers.get("content-type")]).toEqual([user, id, status, "application/json"]);
  }
  const nobody = await fetch(`${live.origin}/errand/tasks/${run.id}/events/`);
  expect([nobody.status, await nobody.json()]).toEqual([403, { detail: "Authentication credentials were not provided." }]);
  const json = await fetch(`${live.origin}/errand/tasks/${run.id}/events/`, { headers: { "x-user": "ann", accept: "application/json" } });
  expect([json.status, await json.json()]).toEqual([406, { detail: "This is only to be had as text/event-stream." }]);
  const post = await fetch(`${live.origin}/errand/tasks/${run.id}/events/`, { method: "POST", headers: { "x-user": "ann" } });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  const head = (user: string) => fetch(`${live.origin}/errand/tasks/${run.id}/events/`, { method: "HEAD", headers: { "x-user": user } });
  expect([(await head("ann")).status, (await head("ann")).headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  expect((await head("bob")).status).toBe(404);
  expect(live.site.web.streams()).toEqual({ open: 0, followed: 0 });
  await run.end();
});

test("a container's parts move it, though its own row is not written", async () => {
  const { errand } = live.site;
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const part = errand.task({ name: "part", run: async (number: unknown) => void (await gates[number as number]?.promise) });
  const { id } = await group([part.with(0 as never), part.with(1 as never)]).start({ owner: "ann" });
  const reader = await live.events("ann", id);
  await reader.until(({ completed_steps }) => completed_steps === 0);
  gates[0]?.resolve();
  await reader.until(({ completed_steps }) => completed_steps === 1);
  gates[1]?.resolve();
  const last = (await reader.rest()).at(-1);
  expect(JSON.parse(last?.data as string)).toMatchObject({ state: "Succeeded", completed_steps: 2, kind: "group" });
});

test("a client that goes away frees all that it held", async () => {
  const run = await live.start("ann");
  const readers = await Promise.all(Array.from({ length: 10 }, () => live.events("ann", run.id)));
  for (const reader of readers) await reader.document();
  const { streams } = live.site.web;
  expect(streams()).toMatchObject({ open: 10, followed: 1 });
  for (const reader of readers) reader.close();
  await until("nothing is held", () => streams().open === 0 && streams().followed === 0);
  await run.end();
});
