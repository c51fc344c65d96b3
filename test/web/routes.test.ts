import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunBody } from "../../src/core/wire.ts";
import type { Task } from "../../src/index.ts";
import { errandWeb } from "../../src/web/index.ts";
import { Browser, type Gate, newGate, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let make: Task<{ how: string } | never, unknown>;
let alice: Browser;
let gate: Gate;

beforeAll(async () => {
  site = await openSite();
  make = site.errand.task({
    name: "make",
    calculateTotalSteps: () => 3,
    run: async (input, { artifacts, status }) => {
      const { how } = input as { how: string };
      if (how === "hold") await Promise.race([gate.pass(), new Promise((resolve) => status.signal.addEventListener("abort", resolve))]);
      await status.incrementCompletedSteps();
      await artifacts.file('Käse "1"\n<x>/../\u202egnp.html', "0123456789", { type: "text/html" });
      await artifacts.text("hello ä", "Note");
      await artifacts.url("https://shop.example/order", "Order");
      await artifacts.file("empty.bin", "");
      return { made: 4 };
    },
  }) as never;
  alice = new Browser(site.web.handler, "alice");
});
afterAll(() => site.close());

const made = async () => (await make.delay({ how: "make" }, { owner: "alice" })).run;
const document = async (id: string, browser = alice) => (await (await browser.send(`/errand/tasks/${id}/`)).json()) as RunBody;

test("a run document has these fields, in django-user-tasks' words", async () => {
  const run = await made();
  const response = await alice.send(`/errand/tasks/${run.id}/`);
  expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
    200,
    "application/json",
    "private, no-cache",
  ]);
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const body = (await response.json()) as RunBody;
  expect(body).toEqual({
    id: run.id,
    url: `https://tickets.example/errand/tasks/${run.id}/`,
    rev: run.rev,
    task: "make",
    name: "make",
    state: "Succeeded",
    state_text: "Succeeded",
    completed_steps: 3,
    total_steps: 3,
    percentage: 100,
    steps: [],
    expected_end: null,
    attempts: 1,
    created: iso,
    modified: iso,
    started: iso,
    ended: iso,
    kind: null,
    parent: null,
    rerun_of: null,
    result: { made: 4 },
    error: null,
    artifacts: Array(4).fill(expect.stringMatching(/^https:\/\/tickets\.example\/errand\/artifacts\/[0-9a-f-]{36}\/$/)),
  });
});

test("a run document is not sent twice", async () => {
  const { id } = await made();
  const etag = (await alice.send(`/errand/tasks/${id}`)).headers.get("etag") as string;
  const again = await alice.send(`/errand/tasks/${id}`, { headers: { "if-none-match": etag } });
  expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
  expect((await alice.send(`/errand/tasks/${id}`, { headers: { "if-none-match": etag, "accept-language": "de" } })).status).toBe(200);
  expect((await alice.send(`/errand/tasks/${id}`, { headers: { "if-none-match": '"0"' } })).status).toBe(200);
});

test("a run document, its cancel and its files are the owner's only: 404 to others, 403 to nobody", async () => {
  const { id } = await made();
  const [file] = (await document(id)).artifacts as [string];
  for (const [path, method] of [
    [`/errand/tasks/${id}/`, "GET"],
    [`/errand/tasks/${id}/cancel/`, "POST"],
    [file, "GET"],
    [`${file}download`, "GET"],
    ["/errand/tasks/nonsense", "GET"],
    ["/errand/artifacts/nonsense/download", "GET"],
  ] as const) {
    const foreign = await new Browser(site.web.handler, "bob").send(path, { method });
    expect([path, foreign.status, await foreign.json()]).toEqual([path, 404, { detail: "Not found." }]);
    const nobody = await new Browser(site.web.handler).send(path, { method });
    expect([path, nobody.status, await nobody.json()]).toEqual([path, 403, { detail: "Authentication credentials were not provided." }]);
  }
});

test("cancel answers with the run as it is then; again is no error; another site cannot", async () => {
  gate = newGate();
  const { id } = await make.start({ how: "hold" }, { owner: "alice" });
  await gate.reached;
  const foreign = await alice.send(`/errand/tasks/${id}/cancel/`, { method: "POST", headers: { "sec-fetch-site": "cross-site" } });
  expect(foreign.status).toBe(403);
  const response = await alice.send(`/errand/tasks/${id}/cancel/`, { method: "POST" });
  expect([response.status, ((await response.json()) as RunBody).state]).toEqual([200, expect.stringMatching(/^Cancel(ing|ed)$/)]);
  await site.errand.wait(id, { timeout: 5000 });
  const again = await alice.send(`/errand/tasks/${id}/cancel/`, { method: "POST" });
  expect([again.status, ((await again.json()) as RunBody).state]).toEqual([200, "Canceled"]);
});

test("a file comes as an attachment with a harmless name, whole or in part", async () => {
  const [artifact] = (await document((await made()).id)).artifacts as [string];
  const url = `${artifact}download`;
  const whole = await alice.send(url);
  expect([whole.status, await whole.text()]).toEqual([200, "0123456789"]);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    "content-type": "text/html",
    "content-length": "10",
    "content-disposition": `attachment; filename="Kase _1__x__.._gnp.html"; filename*=UTF-8''K%C3%A4se%20_1__x__.._gnp.html`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "accept-ranges": "bytes",
  });
  const etag = whole.headers.get("etag") as string;
  const part = async (headers: Record<string, string>) => {
    const response = await alice.send(url, { headers });
    return [response.status, response.headers.get("content-range"), response.status === 416 ? "" : await response.text()];
  };
  expect(await part({ range: "bytes=2-4" })).toEqual([206, "bytes 2-4/10", "234"]);
  expect(await part({ range: "bytes=8-" })).toEqual([206, "bytes 8-9/10", "89"]);
  expect(await part({ range: "bytes=-3" })).toEqual([206, "bytes 7-9/10", "789"]);
  expect(await part({ range: "bytes=0-999" })).toEqual([206, "bytes 0-9/10", "0123456789"]);
  expect(await part({ range: "bytes=10-" })).toEqual([416, "bytes */10", ""]);
  expect(await part({ range: "bytes=-0" })).toEqual([416, "bytes */10", ""]);
  expect(await part({ range: "bytes=0-1,4-5" })).toEqual([200, null, "0123456789"]);
  expect(await part({ range: "bytes=4-2" })).toEqual([200, null, "0123456789"]);
  expect(await part({ range: "bytes=0-1", "if-range": etag })).toEqual([206, "bytes 0-1/10", "01"]);
  expect(await part({ range: "bytes=0-1", "if-range": '"other"' })).toEqual([200, null, "0123456789"]);
  expect(await part({ "if-none-match": etag })).toEqual([304, null, ""]);
  const head = await alice.send(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
});

test("a text comes as a text file, an empty file as nothing", async () => {
  const [, note, , empty] = (await document((await made()).id)).artifacts as [string, string, string, string];
  const text = await alice.send(`${note}download`);
  expect([await text.text(), text.headers.get("content-type"), text.headers.get("content-disposition")]).toEqual([
    "hello ä",
    "text/plain; charset=utf-8",
    'attachment; filename="Note.txt"',
  ]);
  const nothing = await alice.send(`${empty}download`);
  expect([nothing.status, nothing.headers.get("content-length"), await nothing.text()]).toEqual([200, "0", ""]);
});

test("the stylesheet is there for everybody and is kept by its ETag", async () => {
  const response = await new Browser(site.web.handler).send("/errand/errand.css");
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
  const etag = response.headers.get("etag") as string;
  expect((await new Browser(site.web.handler).send("/errand/errand.css", { headers: { "if-none-match": etag } })).status).toBe(304);
});

test("unknown routes are 404, wrong methods 405, as JSON or as a page", async () => {
  const { id } = await made();
  expect((await alice.send("/errand/nothing")).status).toBe(404);
  const wrong = await alice.send(`/errand/tasks/${id}/cancel/`);
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  const post = await alice.send(`/errand/tasks/${id}/`, { method: "POST" });
  expect([post.status, post.headers.get("allow"), await post.json()]).toEqual([
    405,
    "GET, HEAD, DELETE, OPTIONS",
    { detail: "The method POST is not allowed here." },
  ]);
  expect((await alice.send("/errand/nothing", { headers: { accept: "text/html" } })).headers.get("content-type")).toContain("text/html");
});

test("what breaks unexpectedly is 500 with a support code that the log bears too", async () => {
  const web = errandWeb(site.errand, {
    identify: () => {
      throw new Error("the session store is down");
    },
  });
  const response = await new Browser(web.handler).send(`/errand/tasks/${(await made()).id}/`);
  const { detail, support } = (await response.json()) as { detail: string; support: string };
  expect([response.status, detail]).toEqual([500, `An unexpected error has occurred, please try again later. (Support code: ${support})`]);
  expect(site.logged.some(({ fields }) => fields.support === support)).toBe(true);
});

test("options that cannot be are refused in words", () => {
  expect(() => errandWeb(site.errand, { path: "errand" })).toThrow('path must be a path such as "/errand", but is "errand"');
  expect(() => errandWeb(site.errand, { redirectHosts: ["shop.example"] })).toThrow(
    'redirectHosts must hold origins such as "https://tickets.example", but holds "shop.example"',
  );
  expect(() => errandWeb(site.errand, { trustedOrigins: ["https://shop.example/path"] })).toThrow("trustedOrigins");
  expect(() => errandWeb(site.errand, { maxUpload: -1 })).toThrow("maxUpload must be a whole number of 0 or more, but is -1");
});
