import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { webPush } from "../../src/notifiers/web-push.ts";
import { PushBrowser } from "../support/push-browser.ts";
import { Browser, openSite, type TestSite } from "./fixture.ts";

const notify = { channels: [webPush({ subject: "mailto:admin@box-office.example", services: ["push.example"] })] };
let site: TestSite;
beforeEach(async () => {
  site = await openSite({}, { notify });
});
afterEach(() => site.close());

const as = (user?: string) => new Browser(site.web.handler, user);
const post = (browser: Browser, path: string, body: unknown, headers: Record<string, string> = {}) =>
  browser.send(path, { method: "POST", body: JSON.stringify(body), headers: { accept: "application/json", "content-type": "application/json", ...headers } });
const digestOf = (endpoint: string) => createHash("sha256").update(endpoint).digest("base64url");

async function offer(browser: Browser, endpoint?: string): Promise<unknown> {
  const answer = await browser.send(`/errand/push/${endpoint === undefined ? "" : `?digest=${digestOf(endpoint)}`}`);
  expect(answer.status).toBe(200);
  return answer.json();
}

test("a browser is told the app's key, subscribes, knows that it has, and is forgotten", async () => {
  const publicKey = await site.errand.push.publicKey();
  const { subscription } = new PushBrowser("https://push.example/one");
  const { endpoint } = subscription;
  const ann = as("ann");
  expect(await offer(ann)).toEqual({ publicKey, subscribed: false });
  expect(await offer(ann, endpoint)).toEqual({ publicKey, subscribed: false });
  // As a browser writes it, with what is not of interest here.
  const kept = await post(ann, "/errand/push/", { ...subscription, expirationTime: null });
  expect([kept.status, await kept.json()]).toEqual([200, { subscribed: true }]);
  expect(await offer(ann, endpoint)).toEqual({ publicKey, subscribed: true });
  expect(await offer(as("bob"), endpoint)).toEqual({ publicKey, subscribed: false });
  expect((await post(as("bob"), "/errand/push/forget/", { endpoint })).status).toBe(200);
  expect(await offer(ann, endpoint)).toEqual({ publicKey, subscribed: true });
  expect((await post(ann, "/errand/push/forget/", { endpoint })).status).toBe(200);
  expect(await offer(ann, endpoint)).toEqual({ publicKey, subscribed: false });
});

test("somebody else's subscription is not taken over by who knows its address only", async () => {
  const browser = new PushBrowser("https://push.example/one");
  await post(as("ann"), "/errand/push/", browser.subscription);
  const stolen = await post(as("bob"), "/errand/push/", new PushBrowser("https://push.example/one").subscription);
  expect([stolen.status, await stolen.json()]).toEqual([409, { detail: "This subscription is somebody else's." }]);
  expect((await post(as("bob"), "/errand/push/", browser.subscription)).status).toBe(200);
  expect(await offer(as("ann"), browser.subscription.endpoint)).toMatchObject({ subscribed: false });
});

test("a stranger has nothing to be told of: 403", async () => {
  expect((await as().send("/errand/push/")).status).toBe(403);
  expect((await post(as(), "/errand/push/", new PushBrowser("https://push.example/one").subscription)).status).toBe(403);
  expect((await post(as(), "/errand/push/forget/", { endpoint: "https://push.example/one" })).status).toBe(403);
});

test("a page of another site, or a form, can neither subscribe nor forget", async () => {
  const { subscription } = new PushBrowser("https://push.example/one");
  const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  for (const path of ["/errand/push/", "/errand/push/forget/"]) {
    expect((await post(as("ann"), path, subscription, foreign)).status).toBe(403);
    expect((await post(as("ann"), path, subscription, { "content-type": "text/plain" })).status).toBe(415);
    expect((await as("ann").send(path, { form: { endpoint: subscription.endpoint } })).status).toBe(415);
  }
  expect(await offer(as("ann"), subscription.endpoint)).toMatchObject({ subscribed: false });
});

const { subscription } = new PushBrowser("https://push.example/one");
test.each([
  ["nothing", {}, 400],
  ["no keys", { endpoint: subscription.endpoint }, 400],
  ["keys that are no texts", { ...subscription, keys: { p256dh: 1, auth: [] } }, 400],
  ["keys that are null", { ...subscription, keys: null }, 400],
  ["an address in here", { ...subscription, endpoint: "https://127.0.0.1/" }, 400],
  ["an address without TLS", { ...subscription, endpoint: "http://push.example/" }, 400],
  ["a list", [subscription], 400],
  ["more than a subscription", { ...subscription, more: "x".repeat(10_000) }, 413],
])("%s is no subscription", async (_, body, status) => {
  expect((await post(as("ann"), "/errand/push/", body)).status).toBe(status);
  expect(await offer(as("ann"), subscription.endpoint)).toMatchObject({ subscribed: false });
});

test("without a channel that pushes there is no such thing, and no button", async () => {
  const plain = await openSite();
  try {
    const ann = new Browser(plain.web.handler, "ann");
    expect((await ann.send("/errand/push/")).status).toBe(404);
    expect((await post(ann, "/errand/push/", subscription)).status).toBe(404);
    expect(await (await ann.send("/errand/", { headers: { accept: "text/html" } })).text()).not.toContain("data-errand-push");
  } finally {
    await plain.close();
  }
  expect(await (await as("ann").send("/errand/", { headers: { accept: "text/html" } })).text()).toContain('data-errand-push="/errand"');
});
