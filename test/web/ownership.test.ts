import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PretixBody, RunBody } from "../../src/core/wire.ts";
import { NotFound, PermissionDenied } from "../../src/index.ts";
import { errandWeb, type WebHandler } from "../../src/web/index.ts";
import { Browser, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let action: WebHandler;
const unknown = "01890000-0000-7000-8000-000000000000";

beforeAll(async () => {
  site = await openSite({}, { secret: ["new secret of this site", "old secret of this site"] });
  const task = site.errand.task({ name: "echo", run: (input) => ({ input: JSON.stringify(input) }) });
  action = site.web.asyncAction({
    task,
    successUrl: "/done",
    errorUrl: "/failed",
    input: ({ fields, user }) => {
      if (fields.throw === "denied") throw new PermissionDenied();
      if (fields.throw === "missing") throw new NotFound("There is no such order.");
      return { by: user?.id ?? null };
    },
  });
});
afterAll(() => site.close());

async function start(browser: Browser): Promise<string> {
  return ((await (await browser.send("/echo", { form: { ajax: "1" } })).json()) as PretixBody).async_id;
}
const check = async (browser: Browser, id: string, ajax = "&ajax=1") => (await browser.send(`/echo?async_id=${id}${ajax}`)).status;

test("an anonymous visitor owns what they start, through a signed HttpOnly cookie", async () => {
  const browser = new Browser(action);
  const response = await browser.send("/echo", { form: { ajax: "1" } });
  const [cookie] = response.headers.getSetCookie().filter((header) => header.startsWith("errand_visitor="));
  expect(cookie).toMatch(/^errand_visitor=[0-9a-f-]{36}\.[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
  const { async_id } = (await response.json()) as PretixBody;
  expect((await site.errand.get(async_id))?.owner).toMatch(/^visitor:[0-9a-f-]{36}$/);
  expect(await check(browser, async_id)).toBe(200);
  const second = await start(browser);
  expect((await site.errand.get(second))?.owner).toBe((await site.errand.get(async_id))?.owner);
});

test("a user owns what they start and gets no visitor cookie", async () => {
  const alice = new Browser(action, "alice");
  const id = await start(alice);
  expect((await site.errand.get(id))?.owner).toBe("alice");
  expect(alice.cookies.has("errand_visitor")).toBe(false);
});

test("somebody else's run and an unknown one cannot be told apart: 404, never pending", async () => {
  const id = await start(new Browser(action, "alice"));
  for (const asker of [new Browser(action, "bob"), new Browser(action)]) {
    for (const asked of [id, unknown, "nonsense", "", "' OR 1=1", "x".repeat(5000)]) {
      const response = await asker.send(`/echo?async_id=${encodeURIComponent(asked)}&ajax=1`);
      expect([response.status, await response.json()]).toEqual([404, { detail: "Not found." }]);
    }
  }
  const page = await new Browser(action, "bob").send(`/echo?async_id=${id}`);
  expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
});

test("a superuser sees everybody's runs", async () => {
  const id = await start(new Browser(action, "alice"));
  expect(await check(new Browser(action, "admin"), id)).toBe(200);
  const body = (await (await new Browser(site.web.handler, "admin").send(`/errand/tasks/${id}/`)).json()) as RunBody;
  expect(body.owner).toBe("alice");
});

test("a forged or changed cookie opens nothing", async () => {
  const browser = new Browser(action);
  const id = await start(browser);
  const cookie = browser.cookies.get("errand_visitor") as string;
  const [visitor, signature] = cookie.split(".") as [string, string];
  const forged = createHmac("sha256", "a guess").update(`visitor\n${visitor}`).digest("base64url");
  const purpose = createHmac("sha256", "new secret of this site").update(`flash\n${visitor}`).digest("base64url");
  for (const value of [
    `${visitor}.`,
    visitor,
    `${visitor}.${forged}`,
    `${visitor}.${purpose}`,
    `.${signature}`,
    `${cookie}x`,
    `${visitor}.${signature.slice(1)}`,
    `${visitor.replace(/./, "0")}x.${signature}`,
  ]) {
    browser.cookies.set("errand_visitor", value);
    expect([value, await check(browser, id)]).toEqual([value, 404]);
  }
  browser.cookies.set("errand_visitor", cookie);
  expect(await check(browser, id)).toBe(200);
});

test("a cookie signed by an older secret still counts, and is signed anew", async () => {
  const visitor = "0e0e0e0e-0e0e-4e0e-8e0e-0e0e0e0e0e0e";
  const browser = new Browser(action);
  browser.cookies.set("errand_visitor", `${visitor}.${createHmac("sha256", "old secret of this site").update(`visitor\n${visitor}`).digest("base64url")}`);
  const id = await start(browser);
  expect((await site.errand.get(id))?.owner).toBe(`visitor:${visitor}`);
  expect(browser.cookies.get("errand_visitor")).toBe(
    `${visitor}.${createHmac("sha256", "new secret of this site").update(`visitor\n${visitor}`).digest("base64url")}`,
  );
});

test("a user id that could be a visitor's is refused in words", async () => {
  const web = errandWeb(site.errand, { identify: () => ({ id: "visitor:0e0e" }) });
  await expect(web.visitor(new Request("https://tickets.example/"))).rejects.toThrow('does not begin with "visitor:"');
  await expect(errandWeb(site.errand, { identify: () => ({ id: "" }) }).visitor(new Request("https://tickets.example/"))).rejects.toThrow("not empty");
});

test("visitor tells an app's own pages who is asking", async () => {
  const ask = (headers: Record<string, string>) => site.web.visitor(new Request("https://tickets.example/", { headers }));
  expect(await ask({})).toEqual({ user: null, owner: null });
  expect(await ask({ "x-user": "alice" })).toEqual({ user: { id: "alice", superuser: false }, owner: "alice" });
  const browser = new Browser(action);
  const id = await start(browser);
  expect((await ask({ cookie: `a=b; errand_visitor=${browser.cookies.get("errand_visitor")}` })).owner).toBe((await site.errand.get(id))?.owner);
});

test("PermissionDenied and NotFound thrown in input are 403 and 404 with ajax and without; nothing is started", async () => {
  const alice = new Browser(action, "alice");
  const denied = await alice.send("/echo", { form: { throw: "denied", ajax: "1" } });
  expect([denied.status, await denied.json()]).toEqual([403, { detail: "You do not have permission to perform this action." }]);
  const missing = await alice.send("/echo", { form: { throw: "missing", ajax: "1" } });
  expect([missing.status, await missing.json()]).toEqual([404, { detail: "There is no such order." }]);
  const deniedPage = await alice.send("/echo", { form: { throw: "denied" } });
  expect([deniedPage.status, await deniedPage.text()]).toEqual([403, expect.stringContaining("You do not have permission")]);
  expect((await alice.send("/echo", { form: { throw: "missing" } })).status).toBe(404);
});

test("a POST from another site is refused in words; tools that are no browser are not", async () => {
  const post = async (headers: Record<string, string>, handler = action) => {
    const request = new Request("https://tickets.example/echo", {
      method: "POST",
      headers: { accept: "application/json", ...headers },
      body: new URLSearchParams({ ajax: "1" }),
    });
    return handler(request);
  };
  const refused = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "https://blog.tickets.example" },
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://tickets.example" },
  ];
  for (const headers of refused as Record<string, string>[]) {
    const response = await post(headers);
    expect([headers, response.status, await response.json()]).toEqual([headers, 403, { detail: expect.stringContaining("another site") }]);
  }
  for (const headers of [{ "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }, { origin: "https://tickets.example" }, {}] as Record<
    string,
    string
  >[]) {
    expect([headers, (await post(headers)).status]).toEqual([headers, 200]);
  }
  const task = site.errand.task({ name: "trusting", run: () => 1 });
  const trusting = errandWeb(site.errand, { trustedOrigins: ["https://shop.example"], trustProxy: true }).asyncAction({ task, successUrl: "/", errorUrl: "/" });
  expect((await post({ "sec-fetch-site": "cross-site", origin: "https://shop.example" }, trusting)).status).toBe(200);
  expect((await post({ origin: "https://public.example", "x-forwarded-host": "public.example", "x-forwarded-proto": "https" }, trusting)).status).toBe(200);
  expect((await post({ origin: "https://public.example", "x-forwarded-host": "public.example", "x-forwarded-proto": "https" })).status).toBe(403);
});
