import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import { NotFound, PermissionDenied, UserError } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { Browser, newGate, openSite, until } from "../fixture.ts";

const clock = { now: Date.now() };
const site = await openSite({}, { database: sqlite({ file: freshDatabase(), clock: () => clock.now }) });
const { errand, web } = site;
let runs = 0;
let gate = newGate();

const add = errand.task({
  name: "add",
  run: async (input) => {
    runs += 1;
    const { x, y, slow } = input as { x: number; y: number; slow: boolean };
    if (slow) await gate.pass();
    if (x === 13) throw new UserError("Thirteen brings bad luck.");
    if (x === 14) throw new Error("secret detail");
    return x + y;
  },
});

const options = {
  input: ({ params, request, user }: { params: Readonly<Record<string, string>>; request: Request; user: { id: string } | null }) => {
    const [x, y] = [Number(params.x), Number(params.y)];
    if (!Number.isInteger(x) || !Number.isInteger(y)) throw new NotFound();
    if (user?.id === "mallory") throw new PermissionDenied();
    return { x, y, slow: new URL(request.url).searchParams.has("slow") || request.headers.has("x-slow") };
  },
  maxAge: "1h",
  staleWhileRevalidate: "1h",
  wait: 5000,
} as const;
const view = web.pollingView(add, { ...options, render: (value, { run }) => `<h1>${run.task} ${value}</h1>` });
const shared = web.pollingView(add, { ...options, scope: "shared" });
let next = 100;

beforeEach(() => {
  gate = newGate();
  next += 1;
});
afterAll(() => site.close());

function ask(browser: Browser, query = "", sent: Parameters<Browser["send"]>[1] = {}, x = next) {
  return browser.send(`/add/${x}/5/${query}`, sent, { x: String(x), y: "5" });
}
const html = { headers: { accept: "text/html" } };
const json = (more: Record<string, string> = {}) => ({ headers: { accept: "application/json", ...more } });

test("the result is made once and then comes from the cache, with an ETag and its age", async () => {
  const alice = new Browser(view, "alice");
  const before = runs;
  const first = await ask(alice, "", json());
  expect([first.status, await first.json()]).toEqual([200, next + 5]);
  expect(first.headers.get("cache-control")).toMatch(/^private, max-age=\d+$/);
  expect(first.headers.get("vary")).toBe("Accept, Accept-Language, Cookie");
  clock.now += 60_000;
  const second = await ask(alice, "?", json());
  expect(await second.json()).toBe(next + 5);
  expect(second.headers.get("cache-control")).toBe("private, max-age=3540");
  expect(runs - before).toBe(1);

  const etag = second.headers.get("etag") as string;
  const third = await ask(alice, "", json({ "if-none-match": etag }));
  expect([third.status, await third.text(), third.headers.get("etag")]).toEqual([304, "", etag]);
  const page = await ask(alice, "", html);
  expect(await page.text()).toBe(`<!doctype html><h1>add ${next + 5}</h1>`);
  expect(page.headers.get("etag")).not.toBe(etag);
});

test("a page that changes the value it shows does not change what the next one is shown", async () => {
  const list = errand.task({ name: "list", run: () => ({ rows: [1, 2, 3] }) });
  const render = ({ rows }: { rows: number[] }) => String(rows.splice(0).length);
  const shown = new Browser(web.pollingView(list, { input: () => null, render, wait: 5000 }), "alice");
  for (let turn = 0; turn < 3; turn++) expect(await (await shown.send("/list", html)).text()).toBe("<!doctype html>3");
  expect(await (await shown.send("/list", json())).json()).toEqual({ rows: [1, 2, 3] });
});

test("while it runs, programs get 202 with the run, people a page that waits", async () => {
  const alice = new Browser(view, "alice");
  const waiting = await ask(alice, "?slow", json({ prefer: "respond-async" }));
  expect(waiting.status).toBe(202);
  expect(waiting.headers.get("preference-applied")).toBe("respond-async");
  expect(waiting.headers.get("retry-after")).toBe("1");
  const body = (await waiting.json()) as { id: string; state: string };
  expect(waiting.headers.get("location")).toBe(`/errand/tasks/${body.id}/`);
  expect(["Pending", "In Progress"]).toContain(body.state);

  const page = await ask(alice, "?slow", { headers: { accept: "text/html,*/*;q=0.8", prefer: "wait=0" } });
  expect([page.status, page.headers.get("content-type"), page.headers.get("preference-applied")]).toEqual([202, "text/html; charset=utf-8", "wait=0"]);
  const markup = await page.text();
  expect(markup).toContain(`/errand/tasks/${body.id}/cancel/`);
  expect(markup).toContain('http-equiv="refresh"');
  const check = /data-asynctask-check="([^"]*)"/.exec(markup)?.[1]?.replaceAll("&amp;", "&") as string;
  expect(check).toBe(`/add/${next}/5/?slow=&ajax=1`);

  const pending = (await (await alice.send(check, json(), { x: String(next), y: "5" })).json()) as Record<string, unknown>;
  expect(pending).toMatchObject({ async_id: body.id, ready: false });
  gate.open();
  await until(errand, body.id, ({ ended }) => ended !== null);
  const ready = (await (await alice.send(check, json(), { x: String(next), y: "5" })).json()) as Record<string, unknown>;
  expect(ready).toMatchObject({ ready: true, success: true, redirect: `/add/${next}/5/?slow=` });
  expect(await (await ask(alice, "?slow", json())).json()).toBe(next + 5);
});

test("Prefer: wait=N waits for the result", async () => {
  const alice = new Browser(view, "alice");
  const asked = ask(alice, "?slow", json({ prefer: "wait=20, respond-async" }));
  await gate.reached;
  gate.open();
  const answer = await asked;
  expect([answer.status, answer.headers.get("preference-applied"), await answer.json()]).toEqual([200, "wait=20", next + 5]);
});

test("HEAD is GET without a body, and other methods are refused", async () => {
  const alice = new Browser(view, "alice");
  const head = await ask(alice, "", { method: "HEAD", headers: { accept: "application/json" } });
  const get = await ask(alice, "", json());
  expect([head.status, await head.text(), head.headers.get("etag")]).toEqual([200, "", get.headers.get("etag")]);
  const post = await ask(alice, "", { method: "POST", headers: { accept: "application/json" } });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test.for([
  ["application/json", "application/json"],
  ["*/*", "application/json"],
  ["text/html", "text/html; charset=utf-8"],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"],
  ["text/html;q=0.2, application/json", "application/json"],
  ["text/*", "text/html; charset=utf-8"],
] as const)("Accept: %s is answered with %s", async ([accept, type]) => {
  expect((await ask(new Browser(view, "alice"), "", { headers: { accept } })).headers.get("content-type")).toBe(type);
});

test("what is neither a page nor JSON is 406", async () => {
  const answer = await ask(new Browser(view, "alice"), "", { headers: { accept: "image/png" } });
  expect(answer.status).toBe(406);
});

test("what input refuses is neither begun nor shown, cached or not", async () => {
  const before = runs;
  expect((await ask(new Browser(view, "alice"), "", json(), Number.NaN)).status).toBe(404);
  await ask(new Browser(shared, "alice"), "", json());
  expect((await ask(new Browser(shared, "mallory"), "", json())).status).toBe(403);
  expect((await ask(new Browser(shared, "mallory"), "", html)).status).toBe(403);
  expect(runs - before).toBe(1);
});

test("everybody has results of their own, anonymous visitors by their cookie; a shared view has one for all", async () => {
  const before = runs;
  const visitor = new Browser(view);
  for (const browser of [new Browser(view, "alice"), new Browser(view, "bob"), visitor, visitor]) await ask(browser, "", json());
  expect(runs - before).toBe(3);
  expect(visitor.cookies.has("errand_visitor")).toBe(true);

  const stranger = new Browser(shared);
  for (const browser of [new Browser(shared, "alice"), new Browser(shared, "bob"), stranger]) await ask(browser, "?map", json());
  expect(runs - before).toBe(4);
  expect(stranger.cookies.size).toBe(0);
  const answer = await ask(stranger, "?map", json());
  expect(answer.headers.get("cache-control")).toMatch(/^private/);
  const open = await ask(new Browser(web.pollingView(add, { ...options, scope: "shared", public: true })), "?map", json());
  expect(open.headers.get("cache-control")).toMatch(/^public, max-age=/);
});

test("the page of an address without a query asks for the same address", async () => {
  const page = await (await ask(new Browser(view, "alice"), "", { headers: { accept: "text/html", prefer: "wait=0", "x-slow": "1" } })).text();
  expect(page).toContain(`data-asynctask-check="/add/${next}/5/?ajax=1"`);
  await gate.reached;
  gate.open();
});

test("the page of somebody who does not own a shared run is not told its id, which it could only follow by a stream that is refused to it", async () => {
  const owner = new Browser(shared, "alice");
  const sent = { headers: { accept: "text/html", prefer: "wait=0" } };
  await ask(owner, "?slow", sent);
  const check = async (browser: Browser) => (await ask(browser, "?slow=&ajax=1", json())).json();
  for (const browser of [new Browser(shared, "bob"), new Browser(shared)]) {
    const body = await check(browser);
    expect(body).toMatchObject({ ready: false, state: expect.any(String) });
    expect(body).not.toHaveProperty("async_id");
  }
  expect(await check(owner)).toMatchObject({ ready: false, async_id: expect.any(String) });
  await gate.reached;
  gate.open();
});

test("somebody who does not own a shared run sees no button to cancel it", async () => {
  await ask(new Browser(shared, "alice"), "?slow", { headers: { accept: "text/html", prefer: "wait=0" } });
  const page = await (await ask(new Browser(shared, "bob"), "?slow", { headers: { accept: "text/html", prefer: "wait=0" } })).text();
  expect(page).toContain('http-equiv="refresh"');
  expect(page).not.toContain("/cancel/");
  await gate.reached;
  gate.open();
});

test("an expired result is served stale while one new run makes the next", async () => {
  const alice = new Browser(view, "alice");
  const before = runs;
  await ask(alice, "", json());
  clock.now += 3_700_000;
  const stale = await ask(alice, "", json());
  expect([stale.status, stale.headers.get("cache-control"), await stale.json()]).toEqual([200, "private, max-age=0", next + 5]);
  const [newest] = await errand.list({ owner: "alice" }, { limit: 1 });
  await until(errand, newest?.id as string, ({ ended }) => ended !== null);
  expect(runs - before).toBe(2);
  const fresh = await ask(alice, "", json());
  expect(fresh.headers.get("etag")).not.toBe(stale.headers.get("etag"));
});

test("a failure is told in words the user may read, and says when to try again", async () => {
  const alice = new Browser(view, "alice");
  const own = await ask(alice, "", json(), 13);
  expect([own.status, own.headers.get("retry-after")]).toEqual([422, "10"]);
  expect(await own.json()).toMatchObject({ detail: "Thirteen brings bad luck.", run: { state: "Failed" } });
  const hidden = await ask(alice, "", html, 14);
  expect(hidden.status).toBe(500);
  const page = await hidden.text();
  expect(page).toContain("An unexpected error has occurred");
  expect(page).not.toContain("secret detail");
});

test("no query, Accept or Prefer brings a 5xx or another owner's result", async () => {
  const bob = new Browser(view, "bob");
  await ask(bob, "?own", json(), 77);
  const text = fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => value.isWellFormed());
  const header = fc.string({ maxLength: 40 }).filter((value) => /^[\x20-\x7e]*$/.test(value));
  await fc.assert(
    fc.asyncProperty(text, header, header, async (query, accept, prefer) => {
      const answer = await ask(new Browser(view, "alice"), `?${encodeURIComponent(query)}=1`, { headers: { accept, prefer: `wait=0;${prefer}` } }, 77);
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 60 },
  );
  const owned = await errand.list({ owner: "bob", task: "add" }, { limit: 100 });
  expect(owned).toHaveLength((await errand.list({ owner: "bob" }, { limit: 100 })).length);
});
