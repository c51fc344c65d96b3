import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { ActionInput, WebHandler } from "../../src/web/index.ts";
import { Browser, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let action: WebHandler;
let started = 0;

beforeAll(async () => {
  site = await openSite({ maxBody: 1000, maxFields: 20 });
  const task = site.errand.task({
    name: "sleep",
    input: z.object({
      seconds: z.coerce.number().min(0).max(60),
      tags: z.union([z.string(), z.array(z.string())]).optional(),
      deep: z.object({ at: z.string() }).optional(),
    }),
    run: () => void started++,
  });
  action = site.web.asyncAction({ task: task as never, successUrl: "/done", errorUrl: "/failed", wait: 5000 });
});
afterAll(() => site.close());

const post = (body: string | Uint8Array<ArrayBuffer>, type: string, headers = {}) =>
  new Browser(action).send("/sleep", { body, headers: { "content-type": type, accept: "application/json", ...headers } });
const form = "application/x-www-form-urlencoded";

test("input that does not fit the schema is 422 with an error per field, and nothing is started", async () => {
  const before = started;
  const response = await post(JSON.stringify({ ajax: 1, seconds: "soon", deep: { at: 5 } }), "application/json");
  expect([response.status, await response.json()]).toEqual([
    422,
    {
      message: "Some of what was sent is not valid, so nothing was started.",
      errors: [
        { path: "seconds", message: expect.any(String) },
        { path: "deep.at", message: expect.any(String) },
      ],
    },
  ]);
  expect(started).toBe(before);
});

test("without ajax it is a page that lists each field's error, escaped, and leads back", async () => {
  const response = await post("seconds=%3Cscript%3Ealert(1)%3C/script%3E", form, { accept: "text/html", referer: "https://tickets.example/form?a=1&b=2" });
  const html = await response.text();
  expect([response.status, response.headers.get("content-type")]).toEqual([422, "text/html; charset=utf-8"]);
  expect(html).toMatch(/<dt>seconds<\/dt><dd>[^<]+<\/dd>/);
  expect(html).toContain('<a href="/form?a=1&amp;b=2">Go back</a>');
  expect(html).not.toContain("<script>alert");
});

test("a page from another site is not what the link leads back to", async () => {
  const html = await (await post("seconds=x", form, { accept: "text/html", referer: "https://evil.example/" })).text();
  expect(html).toContain('<a href="/">Go back</a>');
});

test("forms and JSON are both taken; repeated names become a list", async () => {
  const before = started;
  for (const [body, type] of [
    ["seconds=1&tags=a&tags=b&tags=c", form],
    ["seconds=1&tags=a", `${form}; charset=UTF-8`],
    ['{"seconds": 1, "tags": ["a", "b"]}', "application/json"],
    ['{"seconds": 1}', "application/vnd.api+json"],
  ] as const) {
    expect([body, (await post(body, type)).status]).toEqual([body, 303]);
  }
  expect(started).toBe(before + 4);
});

test.each([
  ["{", "application/json", 400, "not valid JSON"],
  ["[1]", "application/json", 400, "must be an object"],
  ["null", "application/json", 400, "must be an object"],
  ["", "application/json", 400, "not valid JSON"],
  ["seconds=%zz", form, 400, "could not be read"],
  ["seconds=%ff", form, 400, "could not be read"],
  [Uint8Array.of(0x73, 0x3d, 0xff), form, 400, "not UTF-8"],
  ["seconds=1", "text/plain", 415, "not text/plain"],
  [`seconds=${"1".repeat(1001)}`, form, 413, "at most 1000 B"],
  ["a&".repeat(21), form, 413, "at most 20"],
] as const)("%j as %s is %i", async (body, type, status, words) => {
  const response = await post(body, type);
  expect([response.status, await response.json()]).toEqual([status, { detail: expect.stringContaining(words) }]);
  const page = await post(body, type, { accept: "text/html" });
  expect([page.status, page.headers.get("content-type")]).toEqual([status, "text/html; charset=utf-8"]);
});

test("a compressed body is refused, and one that lies about its length is cut off", async () => {
  expect((await post("seconds=1", form, { "content-encoding": "gzip" })).status).toBe(415);
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(Buffer.from("a=1&".repeat(100))) });
  const request = new Request("https://tickets.example/sleep", {
    method: "POST",
    headers: { "content-type": form, "content-length": "5" },
    body: endless,
    duplex: "half",
  });
  expect((await action(request)).status).toBe(413);
});

test("names such as __proto__ are only names", async () => {
  let seen: object = {};
  const task = site.errand.task({ name: "names", run: () => 1 });
  const input = ({ fields }: ActionInput) => {
    seen = fields;
    return null;
  };
  const handler = site.web.asyncAction({ task, successUrl: "/", errorUrl: "/", input });
  await new Browser(handler).send("/names", { body: "__proto__=1&constructor=2&toString=3", headers: { "content-type": form } });
  expect(Object.keys(seen)).toEqual(["__proto__", "constructor", "toString"]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("an input that is no JSON is the app's mistake: 500, and the log names the path", async () => {
  const task = site.errand.task({ name: "dates", run: () => 1 });
  const handler = site.web.asyncAction({ task, successUrl: "/", errorUrl: "/", input: () => ({ at: new Date() }) as never });
  const response = await new Browser(handler).send("/dates", { form: { ajax: "1" } });
  expect(response.status).toBe(500);
  expect(site.logged.map(({ fields }) => (fields.error as Error | undefined)?.message ?? "").join()).toContain('found a Date at "at"');
});

test("a store that cannot write is 503 with Retry-After, in words that leak nothing", async () => {
  const other = await openSite();
  const task = other.errand.task({ name: "closed", run: () => 1 });
  const handler = other.web.asyncAction({ task, successUrl: "/", errorUrl: "/" });
  await other.errand.start();
  await other.close();
  const response = await new Browser(handler).send("/closed", { form: { ajax: "1" } });
  expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
    503,
    "5",
    { detail: "This cannot be saved at the moment, please try again in a few seconds." },
  ]);
});
