import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { safeRedirect } from "../../src/web/redirects.ts";
import { Browser, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
beforeAll(async () => {
  site = await openSite({ redirectHosts: ["https://shop.example"] });
});
afterAll(() => site.close());

const here = new URL("https://tickets.example/orders/ABC12/cancel?x=1");
const safe = (target: unknown) => safeRedirect(target, here, new Set(["https://shop.example"]));

test.each([
  ["/orders/ABC12", "/orders/ABC12"],
  ["done?a=b#c", "/orders/ABC12/done?a=b#c"],
  ["?page=2", "/orders/ABC12/cancel?page=2"],
  ["https://tickets.example/a", "/a"],
  ["https://shop.example/cart", "https://shop.example/cart"],
  ["//shop.example/cart", "https://shop.example/cart"],
  ["/search?q=a\\b", "/search?q=a\\b"],
  // Without slashes it is a relative path to every URL parser.
  ["https:evil.example", "/orders/ABC12/evil.example"],
])("%j leads to %j", (target, expected) => expect(safe(target)).toBe(expected));

test.each([
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "\n//evil.example",
  " //evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "https://evil.example",
  "http://tickets.example/",
  "https://tickets.example@evil.example/",
  "https://user:word@tickets.example/",
  "https://tickets.example.evil.example/",
  "javascript:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,x",
  "blob:https://tickets.example/x",
  "blob:https://shop.example/x",
  "/a\u0000b",
  "/a\r\nSet-Cookie: x=y",
  "",
  undefined,
  ["/a"],
])("%j leads nowhere", (target) => {
  expect(safe(target)).toBeNull();
});

test("whatever is asked for, a browser stays on the site or on an allowed one", () => {
  const part = fc.constantFrom(
    "/",
    "\\",
    "//",
    ".",
    "..",
    "@",
    ":",
    "?",
    "#",
    "%2f",
    "%5c",
    "\t",
    "\n",
    "\r",
    " ",
    "\u0000",
    "evil.example",
    "tickets.example",
    "shop.example",
    "https:",
    "http:",
    "javascript:",
    "blob:",
    "a",
    "\u2028",
    "．",
    "。",
    "／",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(part, { maxLength: 8 }).map((parts) => parts.join("")),
        fc.string(),
        fc.webUrl(),
      ),
      (target) => {
        const result = safe(target);
        if (result === null) return;
        expect(["https://tickets.example", "https://shop.example"]).toContain(new URL(result, here).origin);
        expect(new URL(result, "https://tickets.example/other").origin).toBe(new URL(result, here).origin);
        expect(result).not.toMatch(/^\/[/\\]|[\r\n\t\0]/);
      },
    ),
    { numRuns: 5000 },
  );
});

test("an app's URL that leads elsewhere is an error of the app: 500 with a support code, and the log says what to do", async () => {
  const task = site.errand.task({ name: "lost", run: () => 1 });
  const action = site.web.asyncAction({ task, successUrl: "https://evil.example/", errorUrl: "/" });
  const response = await new Browser(action).send("/lost", { form: { ajax: "1" } });
  const body = (await response.json()) as { detail: string; support: string };
  expect(response.status).toBe(500);
  expect(body.detail).toContain(body.support);
  expect(JSON.stringify(body)).not.toContain("evil");
  const entry = site.logged.find(({ fields }) => fields.support === body.support);
  expect(String(entry?.fields.error)).toMatch(/successUrl .+ "https:\/\/evil\.example\/".+ redirectHosts/);
  const page = await new Browser(action).send("/lost", { form: {} });
  expect([page.status, page.headers.get("location")]).toEqual([500, null]);
});
