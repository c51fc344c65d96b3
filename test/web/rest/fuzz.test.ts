import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunBody } from "../../../src/core/wire.ts";
import { errandWeb, type WebHandler } from "../../../src/web/index.ts";
import { Browser } from "../fixture.ts";
import { type Api, openApi } from "./api.ts";

// Whatever is asked: never a 5xx, never another's run, never another's run changed.

const MARK = "alice-alone";

let api: Api;
let behindProxy: WebHandler;
/** Ids of alice's runs and artifacts, and of one of bob's. */
let ids: string[];
let links: string[];

beforeAll(async () => {
  api = await openApi();
  const { errand } = api.site;
  behindProxy = errandWeb(errand, { trustProxy: true, identify: (request) => (request.headers.get("x-user") === "bob" ? { id: "bob" } : null) }).handler;
  const task = errand.task({
    name: MARK,
    run: async (_input, { artifacts }) => {
      await artifacts.file(`${MARK}.txt`, MARK);
      await artifacts.text(MARK, MARK);
    },
  });
  const runs = [await task.delay(undefined, { owner: "alice" }), await task.start(undefined, { owner: "alice", runAt: new Date(Date.now() + 3_600_000) })];
  const plain = errand.task({ name: "plain", run: () => 1 });
  const bobs = await plain.delay(undefined, { owner: "bob" });
  const artifacts = await errand.artifacts.list([runs[0]?.id as string]);
  ids = [...runs.map((run) => run.id), ...artifacts.map((artifact) => artifact.id), bobs.id];
  links = ((await api.ask("alice", "/errand/artifacts/")).body as { file: string }[]).flatMap(({ file }) => (file === "" ? [] : [new URL(file).search]));
});
afterAll(() => api.site.close());

const anything = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "..", "%2e%2e", "%00", "%", "%ff", "null", "__proto__"),
);
const id = () =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: fc.uuid({ version: 7 }) }, { weight: 2, arbitrary: anything });
const path = () =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom("/tasks", "/tasks/", "/artifacts", "/artifacts/", "/openapi.json", "/errand.css", "") },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom("/tasks/", "/artifacts/"), id(), fc.constantFrom("", "/", "/cancel/", "/rerun", "/delete/", "/download", "/x"))
        .map((parts) => parts.join("")),
    },
    { weight: 1, arbitrary: fc.array(anything, { maxLength: 5 }).map((parts) => `/${parts.join("/")}`) },
  );
const parameter = fc.constantFrom(
  "limit",
  "cursor",
  "state",
  "task",
  "name",
  "created_after",
  "created_before",
  "run",
  "expires",
  "signature",
  "owner",
  "async_id",
  "x",
);
const value = () =>
  fc.oneof(
    anything,
    fc.integer().map(String),
    id(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom("Pending", "in_progress", "Succeeded,Failed", "2026-02-30", "AAAAAAAAAAAAAAAAAAAAAA", "alice", "a".repeat(300)),
  );
const query = () =>
  fc.oneof(
    fc
      .array(fc.tuple(parameter, value()), { maxLength: 4 })
      .map((pairs) => (pairs.length > 0 ? `?${pairs.map(([name, text]) => `${name}=${encodeURIComponent(text.toWellFormed())}`).join("&")}` : "")),
    anything.map((text) => `?${text}`),
    fc.constantFrom(...links).chain((link) => fc.constantFrom(link.replace(/.$/, "_"), link.replace(/=1/, "=2"))),
  );
const headerText = fc.string({ unit: "grapheme-ascii", maxLength: 60 });
const headers = () =>
  fc.dictionary(
    fc.constantFrom(
      "accept",
      "accept-language",
      "range",
      "if-none-match",
      "if-range",
      "cookie",
      "origin",
      "sec-fetch-site",
      "content-type",
      "referer",
      "x-forwarded-host",
      "x-forwarded-proto",
    ),
    fc.oneof(
      headerText,
      fc.constantFrom(
        "*/*",
        "application/json",
        "text/html",
        "same-origin",
        "bytes=0-1",
        "bytes=-5",
        "bytes=99999999999-",
        '*, "x"',
        "errand_visitor=a.b",
        "errand_visitor=.;;=",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "de;q=9, *",
        "https",
      ),
    ),
    { maxKeys: 5 },
  );

test("no request breaks the API, or shows or changes what is another's", { timeout: 60_000 }, async () => {
  const request = fc.record({
    who: fc.constantFrom("bob", "nobody"),
    proxy: fc.boolean(),
    method: fc.constantFrom("GET", "GET", "GET", "HEAD", "POST", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"),
    path: path(),
    query: query(),
    headers: headers(),
    body: fc.option(fc.oneof(anything, fc.json({ maxDepth: 3 })), { nil: undefined }),
  });
  const seen = new Set<number>();
  const before = await Promise.all(ids.map((one) => api.site.errand.get(one)));
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const address = `/errand${asked.path}${asked.query}`;
      if (!URL.canParse(address, "https://tickets.example")) return;
      const takesBody = asked.method !== "GET" && asked.method !== "HEAD";
      const browser = new Browser(asked.proxy ? behindProxy : api.site.web.handler, asked.who === "bob" ? "bob" : undefined);
      const response = await browser.send(address, {
        method: asked.method,
        headers: asked.headers,
        ...(takesBody && asked.body !== undefined && { body: asked.body }),
      });
      const text = await response.text();
      expect(response.status, text).toBeLessThan(500);
      expect(text).not.toContain(MARK);
      expect([...response.headers.values()].join()).not.toContain(MARK);
      // Whoever takes no JSON is told so before they are asked who they are.
      if (asked.who === "nobody" && /^\/(tasks|artifacts)\/?$/.test(asked.path)) expect([403, 406]).toContain(response.status);
      seen.add(response.status);
    }),
    { numRuns: 1000 },
  );
  // A bad query is what the next test is about; here it may not come up.
  expect([...seen]).toEqual(expect.arrayContaining([200, 403, 404, 405, 406]));
  const after = await Promise.all(ids.map((one) => api.site.errand.get(one)));
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
});

test("no query of a list is more than its owner's runs, and each answer fits openapi.json", { timeout: 60_000 }, async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("tasks", "artifacts"), query(), async (list, asked) => {
      const answer = await api.ask<RunBody[]>("bob", `/errand/${list}/${asked}`);
      expect([200, 400]).toContain(answer.status);
      seen.add(answer.status);
      expect(answer.text).not.toContain(MARK);
    }),
    { numRuns: 500 },
  );
  expect(seen.size).toBe(2);
});
