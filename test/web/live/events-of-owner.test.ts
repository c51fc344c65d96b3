import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { group } from "../../../src/index.ts";
import { until } from "../../../src/testing/until.ts";
import type { EventReader } from "./event-reader.ts";
import { LiveSite } from "./live-site.ts";

let live: LiveSite;
/** Nobody else's runs disturb a test: everybody in it is new. */
let ann: string;
let bob: string;
const readers: EventReader[] = [];

beforeAll(async () => {
  live = await LiveSite.open();
});
beforeEach(() => {
  [ann, bob] = [`ann-${crypto.randomUUID()}`, `bob-${crypto.randomUUID()}`];
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
afterAll(() => live[Symbol.asyncDispose]());

async function follow(user: string, lastEventId?: string): Promise<EventReader> {
  const reader = await live.events(user, undefined, lastEventId);
  readers.push(reader);
  return reader;
}

/** The ids that the first event names. */
async function named(reader: EventReader): Promise<string[]> {
  const event = await reader.next();
  expect(event?.type).toBe("runs");
  return (JSON.parse(event?.data as string) as { ids: string[] }).ids;
}

test("all that is mine comes: what is there, what begins, what changes, what ends, what is deleted; and nothing of others", async () => {
  const { id: old } = await live.quick.delay("old", { owner: ann });
  await live.quick.delay("foreign", { owner: bob });
  const reader = await follow(ann);
  expect(await named(reader)).toEqual([old]);
  expect(await reader.document()).toEqual(await live.document(ann, old));
  const run = await live.start(ann);
  const other = await live.start(bob);
  await other.say("Not for ann");
  await reader.until(({ id }) => id === run.id);
  await run.say("Hello");
  await reader.until(({ id, state_text }) => id === run.id && state_text === "Hello");
  await other.end();
  await run.end();
  expect(await reader.until(({ id, state }) => id === run.id && state === "Succeeded")).toEqual(await live.document(ann, run.id));
  for (const gone of [old, run.id]) {
    await live.site.errand.remove(gone);
    const event = await reader.next();
    expect([event?.type, event?.data]).toEqual(["gone", JSON.stringify({ id: gone })]);
  }
});

test("a superuser's stream is of their own runs", async () => {
  await live.quick.delay("x", { owner: ann });
  const { id } = await live.quick.delay("y", { owner: "admin" });
  const reader = await follow("admin");
  expect(await named(reader)).toEqual([id]);
  expect(await reader.document()).toMatchObject({ id, owner: "admin" });
});

test("ids rise, and a client that comes back gets what has not ended and what ended since, not what ended long before", async () => {
  const { id: done } = await live.quick.delay("x", { owner: ann });
  const run = await live.start(ann);
  const reader = await follow(ann);
  const ids: number[] = [];
  await named(reader);
  for (let number = 0; number < 2; number++) {
    const event = await reader.next();
    ids.push(Number(event?.id));
  }
  await run.say("One");
  ids.push(Number((await reader.next())?.id));
  expect(ids).toEqual([...ids].sort((one, other) => one - other));
  reader.close();
  await run.end();
  const back = await follow(ann, reader.lastEventId);
  expect(await named(back)).toEqual([run.id, done]);
  await back.until(({ id, state }) => id === run.id && state === "Succeeded");
  // As if it had been away from a time long after all of this: nothing of it is new.
  const future = await follow(ann, String(Date.now() + 3_600_000));
  expect(await named(future)).toEqual([run.id, done]);
  const { id: next } = await live.quick.delay("z", { owner: ann });
  expect((await future.document()).id).toBe(next);
  await live.site.errand.remove(done);
  await until("gone is told of a run that was not sent again", async () => (await future.next())?.data === JSON.stringify({ id: done }));
});

test("the newest 20 come, and older ones as long as they go on", async () => {
  const run = await live.start(ann);
  for (let count = 0; count < 25; count++) await live.quick.delay(null, { owner: ann });
  const reader = await follow(ann);
  const ids = await named(reader);
  expect([ids.length, ids.at(-1)]).toEqual([21, run.id]);
  for (let count = 0; count < 21; count++) await reader.document();
  await run.say("Still here");
  expect(await reader.document()).toMatchObject({ id: run.id, state_text: "Still here" });
  await run.end();
  expect(await reader.document()).toMatchObject({ id: run.id, state: "Succeeded" });
});

test("linked runs are one, from their beginning on", async () => {
  const { errand } = live.site;
  const reader = await follow(ann);
  expect(await named(reader)).toEqual([]);
  const gate = Promise.withResolvers<void>();
  const part = errand.task({ name: "part", run: async () => void (await gate.promise) });
  const { id } = await group([part.with(null as never), part.with(null as never)]).start({ owner: ann });
  expect(await reader.document()).toMatchObject({ id, kind: "group" });
  gate.resolve();
  for (let isEnded = false; !isEnded; ) {
    const document = await reader.document();
    expect(document.id).toBe(id);
    isEnded = document.state === "Succeeded";
  }
});

test("what the app's rules hide is not told of, and what they hide later is gone", async () => {
  await using ruled = await LiveSite.open({
    can: (_, action, run) => (action === "view" && run.name === "secret" ? false : undefined),
    listFilter: { tasks: ({ owner }) => ({ owner, states: ["pending", "in_progress"] }) },
  });
  const { id: secret } = await ruled.quick.start(null, { owner: ann, name: "secret", runAt: new Date(Date.now() + 3_600_000) });
  const run = await ruled.start(ann);
  await using reader = await ruled.events(ann);
  expect(await named(reader)).toEqual([run.id]);
  expect((await reader.document()).id).toBe(run.id);
  await ruled.site.errand.cancel(secret);
  await run.end();
  const gone = await reader.next();
  expect([gone?.type, gone?.data]).toEqual(["gone", JSON.stringify({ id: run.id })]);
  await using single = await ruled.events(ann, secret);
  expect(single.response.status).toBe(404);
});

test("nobody gets 403", async () => {
  const response = await fetch(`${live.origin}/errand/events/`);
  expect(response.status).toBe(403);
  await response.body?.cancel();
});
