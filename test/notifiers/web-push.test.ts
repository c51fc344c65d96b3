import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { webPush } from "../../src/notifiers/web-push.ts";
import { patiently } from "../support/patiently.ts";
import { PushBrowser, vapidClaims } from "../support/push-browser.ts";
import { type Call, Receiver, status } from "../support/receiver.ts";
import { freshDatabase } from "../support/temp.ts";
import { notifying, URL_OF_PAGES } from "./notifying.ts";

const subject = "mailto:admin@box-office.example";
const channel = webPush({ subject, allowPrivateAddresses: true });
const idle = { name: "idle", generateName: () => "Grüße 🧾", run: () => null };

test("a browser that has subscribed is pushed to, in its own language, readable to it alone", async () => {
  const service = await Receiver.start(status(201));
  const browser = new PushBrowser(service.url);
  const { errand } = notifying(channel, null);
  expect(await errand.push.subscribe("u1", browser.subscription, "de")).toBe("kept");
  const run = await errand.task(idle).delay(null, { owner: "u1" });
  const [call] = (await service.called(1)) as [Call];
  expect(browser.read(call)).toEqual({ title: "Fertig: Grüße 🧾", body: "", url: `${URL_OF_PAGES}/runs/${run.id}`, tag: `errand ${run.id}` });
  expect(() => new PushBrowser(service.url).read(call)).toThrow();
  expect(call.headers).toMatchObject({ "content-encoding": "aes128gcm", ttl: "86400", topic: run.id.replaceAll("-", "") });
  const claims = vapidClaims(call, (await errand.push.publicKey()) as string);
  expect(claims).toMatchObject({ aud: new URL(service.url).origin, sub: subject });
  expect(claims.exp * 1000).toBeGreaterThan(Date.now());
});

test("the app's keys are made once, and the same for all processes on the store", async () => {
  const database = `file:${freshDatabase()}`;
  const errands = [1, 2, 3].map(() => notifying(webPush({ subject }), null, {}, { database }).errand);
  const keys = await Promise.all(errands.map((errand) => errand.push.publicKey()));
  expect(keys[0]).toMatch(/^[\w-]{87}$/);
  expect(new Set(keys).size).toBe(1);
});

test("all of an owner's browsers are told, nobody else's, and a long text is cut to what a push may hold", async () => {
  const service = await Receiver.start(status(201));
  const [one, two, other] = ["one", "two", "other"].map((name) => new PushBrowser(`${service.url}&${name}`)) as [PushBrowser, PushBrowser, PushBrowser];
  const { errand } = notifying(channel, null, { url: () => `https://tickets.example/${"x".repeat(5000)}` });
  await errand.push.subscribe("u1", one.subscription, "en");
  await errand.push.subscribe("u1", two.subscription, "en");
  await errand.push.subscribe("u2", other.subscription, "en");
  const task = errand.task({
    name: "long",
    generateName: () => "🧾".repeat(300),
    run: async (_, { artifacts }) => {
      for (let index = 0; index < 20; index++) await artifacts.text("…", `${index} ${"ü".repeat(200)}.pdf`);
    },
  });
  await task.delay(null, { owner: "u1" });
  const calls = await service.called(2);
  expect(calls.map(({ path }) => path?.split("&")[1]).sort()).toEqual(["one", "two"]);
  for (const call of calls) {
    expect(call.bytes.length).toBeLessThanOrEqual(4096);
    const read = (call.path?.endsWith("one") ? one : two).read(call) as { title: string; url: string | null };
    expect(read.title).toMatch(/^Done: (🧾)+…$/u);
    expect(read.url).toBeNull();
  }
});

test.each([404, 410])("a subscription whose address answers %i is forgotten", async (code) => {
  const service = await Receiver.start(status(code));
  const { errand, log } = notifying(channel, null);
  const { subscription } = new PushBrowser(service.url);
  expect(await errand.push.subscribe("u1", subscription, "en")).toBe("kept");
  const task = errand.task(idle);
  await task.delay(null, { owner: "u1" });
  await service.called(1);
  const digest = createHash("sha256").update(subscription.endpoint).digest("base64url");
  await expect.poll(() => errand.push.has("u1", digest), patiently).toBe(false);
  expect(log.said(/was not heard|given up/)).toEqual([]);
});

test("a push service that is busy is asked again; one that refuses is not", async () => {
  const [busy, refusing] = [await Receiver.start(status(503), status(201)), await Receiver.start(status(403))];
  const { errand } = notifying(channel, null);
  await errand.push.subscribe("u1", new PushBrowser(busy.url).subscription, "en");
  await errand.push.subscribe("u2", new PushBrowser(refusing.url).subscription, "en");
  const task = errand.task(idle);
  await task.delay(null, { owner: "u1" });
  const refused = await task.delay(null, { owner: "u2" });
  await Promise.all([busy.called(2), refusing.called(1)]);
  await expect.poll(() => errand.undelivered(), patiently).toMatchObject([{ runId: refused.id, tries: 1 }]);
});

test("a browser belongs to who registered it; only itself may change hands, and an owner has ten at most", async () => {
  const { errand } = notifying(webPush({ subject }), null);
  const browser = new PushBrowser("https://push.example/one");
  const { push } = errand;
  expect(await push.subscribe("u1", browser.subscription, "en")).toBe("kept");
  const guessed = new PushBrowser("https://push.example/one");
  expect(await push.subscribe("u2", guessed.subscription, "en")).toBe("taken");
  expect(await push.unsubscribe("u2", browser.subscription.endpoint)).toBe(false);
  expect(await push.subscribe("u2", browser.subscription, "en")).toBe("kept");
  expect(await push.unsubscribe("u1", browser.subscription.endpoint)).toBe(false);
  for (let index = 0; index < 12; index++) await push.subscribe("u3", new PushBrowser(`https://push.example/${index + 2}`).subscription, "en");
  const known = await Promise.all(Array.from({ length: 12 }, (_, index) => push.unsubscribe("u3", `https://push.example/${index + 2}`)));
  expect(known).toEqual([false, false, ...Array(10).fill(true)]);
});

const { subscription: good } = new PushBrowser("https://push.example/one");
test.each([
  ["http", { ...good, endpoint: "http://push.example/one" }],
  ["no address", { ...good, endpoint: "push.example" }],
  ["this machine", { ...good, endpoint: "https://127.0.0.1/one" }],
  ["this machine by name", { ...good, endpoint: "https://localhost/one" }],
  ["this machine by its whole name", { ...good, endpoint: "https://a.localhost./one" }],
  ["this machine, written otherwise", { ...good, endpoint: "https://0x7f.1/one" }],
  ["a private network", { ...good, endpoint: "https://10.0.0.1/one" }],
  ["a cloud's inside", { ...good, endpoint: "https://[fd00:ec2::254]/one" }],
  ["a password", { ...good, endpoint: "https://user:word@push.example/one" }],
  ["a long address", { ...good, endpoint: `https://push.example/${"x".repeat(2000)}` }],
  ["a short key", { ...good, keys: { ...good.keys, p256dh: "AAAA" } }],
  ["a key of other letters", { ...good, keys: { ...good.keys, auth: `${good.keys.auth.slice(0, -1)}'` } }],
])("a subscription with %s is refused", async (_, subscription) => {
  const { errand } = notifying(webPush({ subject }), null);
  expect(await errand.push.subscribe("u1", subscription, "en")).toBe("refused");
  expect(await errand.push.subscribe("u1", good, "en")).toBe("kept");
});

test("without a channel that pushes, nothing is offered and nobody can subscribe", async () => {
  const { errand } = notifying({ name: "none", send: async () => {} }, null);
  expect(errand.push.isOffered).toBe(false);
  expect(await errand.push.publicKey()).toBeNull();
  expect(await errand.push.subscribe("u1", good, "en")).toBe("refused");
});

test("a subject that nobody can be reached by will not do", () => {
  expect(() => webPush({ subject: "admin" })).toThrow(/"subject" of notifier web-push/);
});
