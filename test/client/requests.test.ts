import { afterEach, beforeEach, expect, test } from "vitest";
import { AccessDeniedError, type Client, createClient, RequestError, RunGoneError } from "../../src/client/index.ts";
import { LiveSite } from "../web/live/live-site.ts";

let live: LiveSite;
beforeEach(async () => {
  live = await LiveSite.open();
});
afterEach(() => live[Symbol.asyncDispose]());

function clientOf(user: string): Client {
  return createClient({ base: `${live.origin}/errand`, headers: () => Promise.resolve(new Headers({ "x-user": user })) });
}

test("a run is canceled, run again and removed", async () => {
  const ann = clientOf("ann");
  const run = await live.start("ann");
  expect(await ann.cancel(run.id)).toMatchObject({ id: run.id, state: "Canceling" });
  const all = [];
  for await (const one of ann.watch(run.id)) all.push(one.state);
  expect(all.at(-1)).toBe("Canceled");
  const again = await ann.rerun(run.id);
  expect(again).toMatchObject({ rerun_of: run.id });
  expect(again.id).not.toBe(run.id);
  await expect(ann.rerun(again.id)).rejects.toMatchObject({ status: 409, code: "ERRAND_REQUEST", detail: expect.stringMatching(/\w/) });
  await ann.remove(again.url);
  await expect(ann.get(again.id)).rejects.toBeInstanceOf(RunGoneError);
  await expect(ann.rerun(run.id, { only: "failed" })).rejects.toBeInstanceOf(RequestError);
});

test("what is refused is told apart", async () => {
  const run = await live.start("ann");
  await expect(clientOf("bob").cancel(run.id)).rejects.toBeInstanceOf(RunGoneError);
  await expect(createClient({ base: `${live.origin}/errand` }).get(run.id)).rejects.toBeInstanceOf(AccessDeniedError);
  await expect(clientOf("ann").get("no such id / ../")).rejects.toBeInstanceOf(RunGoneError);
  await expect(createClient({ base: `${live.origin}/elsewhere`, headers: { "x-user": "ann" } }).get(run.id)).rejects.toBeInstanceOf(RunGoneError);
  await expect(clientOf("ann").list({ limit: 1000 })).rejects.toMatchObject({ status: 400, code: "ERRAND_REQUEST" });
  await expect(clientOf("ann").get(run.id, { signal: AbortSignal.abort(new Error("no more")) })).rejects.toThrow("no more");
});

test("its headers go to no other site, and it says what to do where it knows none", async () => {
  const asked: string[] = [];
  const fetch = (url: Parameters<typeof globalThis.fetch>[0]) => Promise.resolve(Response.json(asked.push(String(url))));
  const client = createClient({ base: "https://tickets.example/errand", headers: { authorization: "Bearer 1" }, fetch });
  for (const address of ["https://evil.example/errand/tasks/1/", "//evil.example/errand/tasks/1/", "http://tickets.example/errand/tasks/1/"])
    await expect(client.get(address)).rejects.toMatchObject({ code: "ERRAND_CONFIGURATION", message: expect.stringContaining("https://tickets.example") });
  expect(asked).toEqual([]);
  await client.get("../x");
  expect(asked).toEqual(["https://tickets.example/x/"]);
  await expect(createClient().get("1")).rejects.toMatchObject({ code: "ERRAND_CONFIGURATION", message: expect.stringContaining("absolute `base`") });
});

test("an answer of somebody else's is said to be that", async () => {
  const fetch = () => Promise.resolve(new Response("<h1>Sign in</h1>", { headers: { "content-type": "text/html" } }));
  const client = createClient({ base: "https://tickets.example/errand", fetch });
  await expect(client.get("1")).rejects.toMatchObject({ code: "ERRAND_REQUEST", status: 200, message: expect.stringContaining("text/html") });
});

test("the list goes on page by page, and is narrowed", async () => {
  const ann = clientOf("ann");
  const ids: string[] = [];
  for (let count = 0; count < 5; count++) ids.unshift((await live.quick.start(`${count}`, { owner: "ann", name: count === 3 ? "Three & more" : "other" })).id);
  await live.quick.start("bob's", { owner: "bob" });
  const found: string[] = [];
  let cursor: string | null | undefined;
  do {
    const { runs, next } = await ann.list({ limit: 2, ...(cursor && { cursor }) });
    found.push(...runs.map(({ id }) => id));
    cursor = next;
  } while (cursor);
  expect(found).toEqual(ids);
  expect((await ann.list({ name: "e & m" })).runs.map(({ id }) => id)).toEqual([ids[1]]);
  expect((await ann.list({ state: ["Failed", "Canceled"] })).runs).toEqual([]);
});

test("artifacts come with where they are downloaded", async () => {
  const ann = clientOf("ann");
  const run = await live.start("ann");
  for (let count = 1; count <= 8; count++) await run.leave(`text ${count}`);
  await run.end();
  const artifacts = await ann.artifacts(run.id);
  expect(artifacts.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((count) => `text ${count}`));
  const response = await fetch(artifacts[0]?.download as string, { headers: { "x-user": "ann" } });
  expect(await response.text()).toBe("x");
  expect(response.headers.get("content-disposition")).toContain("attachment");
  const [first, ...others] = artifacts;
  const meanwhile: typeof fetch = async (url, init) => (String(url) === first?.self ? new Response(null, { status: 404 }) : fetch(url, init));
  const less = await createClient({ base: `${live.origin}/errand`, headers: { "x-user": "ann" }, fetch: meanwhile }).artifacts(run.id);
  expect(less.map(({ id }) => id)).toEqual(others.map(({ id }) => id));
  await expect(clientOf("bob").artifacts(run.id)).rejects.toBeInstanceOf(RunGoneError);
});

test("a program is nobody who looks at a page", async () => {
  const sent: RequestInit[] = [];
  const fetch: typeof globalThis.fetch = async (_, init = {}) => Response.json(sent.push(init));
  await createClient({ base: "https://tickets.example/errand", fetch }).cancel("1");
  expect(Object.fromEntries(new Headers(sent[0]?.headers))).toEqual({
    accept: "application/json",
    "content-type": "application/json",
    "errand-page": "hidden",
  });
  expect(sent[0]).toMatchObject({ method: "POST", body: "{}", cache: "no-store" });
});
