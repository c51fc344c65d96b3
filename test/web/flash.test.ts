import { afterAll, beforeAll, expect, test } from "vitest";
import type { PretixBody } from "../../src/core/wire.ts";
import type { FlashMessage, WebHandler } from "../../src/web/index.ts";
import { Browser, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let action: WebHandler;
let said = "Done ✓";
beforeAll(async () => {
  site = await openSite();
  action = site.web.asyncAction({
    task: site.errand.task({ name: "quick", run: () => 1 }),
    successUrl: "/done",
    errorUrl: "/failed",
    successMessage: () => said,
    wait: 5000,
  });
});
afterAll(() => site.close());

const pageOf = (browser: Browser) =>
  new Request("https://tickets.example/done", { headers: { cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") } });
const start = async (browser: Browser, form: Record<string, string> = {}) =>
  (await (await browser.send("/quick", { form: { ajax: "1", ...form } })).json()) as PretixBody;
const flashCookies = (browser: Browser) => [...browser.cookies.keys()].filter((name) => name.startsWith("errand_flash_"));

test("a message is shown once, however often the end was seen", async () => {
  const browser = new Browser(action);
  const { check_url } = await start(browser);
  await browser.send(check_url as string);
  await browser.send(check_url as string);
  const { messages, headers } = await site.web.flashes(pageOf(browser));
  expect(messages).toEqual([{ level: "success", text: "Done ✓" }]);
  expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^errand_flash_[0-9a-f-]{36}=; Path=\/; Max-Age=0; HttpOnly/)]);
  for (const name of flashCookies(browser)) browser.cookies.delete(name);
  expect((await site.web.flashes(pageOf(browser))).messages).toEqual([]);
});

test("a made-up cookie is no message, and goes too", async () => {
  const browser = new Browser(action);
  await start(browser);
  const [name] = flashCookies(browser) as [string];
  browser.cookies.set(name, `${Buffer.from('["success","<b>Pay here</b>"]').toString("base64url")}.${"x".repeat(43)}`);
  const { messages, headers } = await site.web.flashes(pageOf(browser));
  expect([messages, headers.getSetCookie().length]).toEqual([[], 1]);
});

test("messages that nobody reads never grow past what a server takes", async () => {
  said = "ä".repeat(5000);
  const browser = new Browser(action);
  for (let count = 0; count < 12; count++) await start(browser);
  expect(flashCookies(browser).length).toBe(5);
  expect(pageOf(browser).headers.get("cookie")?.length).toBeLessThan(8000);
  const { messages } = await site.web.flashes(pageOf(browser));
  expect(messages[0]?.text).toMatch(/^ä{300,350}…$/);
  said = "Done ✓";
});

test("nothing is kept for a client that stays on its page, nor when there is nothing to say", async () => {
  const browser = new Browser(action);
  const { check_url } = await start(browser, { ajax_dont_redirect: "1" });
  await browser.send(`${check_url}&ajax_dont_redirect=1`);
  said = "";
  expect((await start(browser)).message).toBe("");
  expect(flashCookies(browser)).toEqual([]);
  said = "Done ✓";
});

test("an app may keep messages its own way", async () => {
  const kept: FlashMessage[] = [];
  const task = site.errand.task({ name: "own", run: () => 1 });
  const flash = (message: FlashMessage) => {
    kept.push(message);
    return new Headers({ "X-Flash": "kept" });
  };
  const handler = site.web.asyncAction({ task, successUrl: "/", errorUrl: "/", flash });
  const browser = new Browser(handler);
  const response = await browser.send("/own", { form: { by: "form" } });
  expect(kept).toEqual([{ level: "success", text: "The task has been completed." }]);
  expect([response.headers.get("x-flash"), flashCookies(browser)]).toEqual(["kept", []]);
});
