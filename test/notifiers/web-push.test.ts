import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { webPush } from "../../src/notifiers/web-push.ts";
import { patiently } from "../support/patiently.ts";
import { PushBrowser, vapidClaims } from "../support/push-browser.ts";
import { type Call, Receiver, status } from "../support/receiver.ts";
import { freshDatabase } from "../support/temp.ts";
import { notifying, URL_OF_PAGES } from "./notifying.ts";

const subject = "mailto:admin@box-office.example";
const channel = webPush({ subject, allowPrivateAddresses: true });
const { subscription: good } = new PushBrowser("https://fcm.googleapis.com/fcm/send/one");
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

const digestOf = (endpoint: string) => createHash("sha256").update(endpoint).digest("base64url");

test.each([400, 401, 403, 404, 410])("a subscription whose address answers %i is forgotten", async (code) => {
  const service = await Receiver.start(status(code));
  const { errand, log } = notifying(channel, null);
  const { subscription } = new PushBrowser(service.url);
  expect(await errand.push.subscribe("u1", subscription, "en")).toBe("kept");
  const task = errand.task(idle);
  await task.delay(null, { owner: "u1" });
  await service.called(1);
  await expect.poll(() => errand.push.has("u1", digestOf(subscription.endpoint)), patiently).toBe(false);
  expect(log.said(/was not heard|given up/)).toEqual([]);
});

test("a push service that is busy is asked again; one that does not want such a message is not", async () => {
  const [busy, refusing] = [await Receiver.start(status(503), status(201)), await Receiver.start(status(413))];
  const { errand, log } = notifying(channel, null);
  await errand.push.subscribe("u1", new PushBrowser(busy.url).subscription, "en");
  await errand.push.subscribe("u2", new PushBrowser(refusing.url).subscription, "en");
  const task = errand.task(idle);
  await task.delay(null, { owner: "u1" });
  await task.delay(null, { owner: "u2" });
  await Promise.all([busy.called(2), refusing.called(1)]);
  await expect.poll(() => log.said(/A browser could not be told/), patiently).toHaveLength(1);
  expect(log.said(/was not heard/)).toHaveLength(1);
  expect(refusing.calls).toHaveLength(1);
});

test("a browser that has taken it is not pushed to again because another has not", async () => {
  const [taking, busy] = [await Receiver.start(status(201)), await Receiver.start(status(503))];
  const file = freshDatabase();
  const { errand, log } = notifying(channel, null, {}, { database: `file:${file}` });
  for (const { url } of [taking, busy]) await errand.push.subscribe("u1", new PushBrowser(url).subscription, "en");
  const run = await errand.task(idle).delay(null, { owner: "u1" });
  await Promise.all([taking.called(1), busy.called(1)]);
  await expect.poll(() => log.said(/A browser could not be told|was not heard/), patiently).toHaveLength(1);
  const [said] = log.said(/A browser could not be told/);
  expect(said?.fields).toMatchObject({ runId: run.id, service: new URL(busy.url).host });
  expect(`${JSON.stringify(said)} ${said?.fields.error}`).not.toMatch(/hook|u1/);
  await expect.poll(() => waiting(file), patiently).toBe(0);
  expect([taking.calls.length, busy.calls.length]).toEqual([1, 1]);
});

/** How many events are still to be heard. */
function waiting(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return (db.prepare("SELECT count(*) AS count FROM errand_stops").get() as { count: number }).count;
  } finally {
    db.close();
  }
}

test("a subscription whose keys do not encrypt is forgotten, and the others are told", async () => {
  const service = await Receiver.start(status(201));
  const file = freshDatabase();
  const { errand, log } = notifying(channel, null, {}, { database: `file:${file}` });
  const [sound, odd] = [new PushBrowser(service.url), new PushBrowser(`${service.url}&odd`)];
  for (const { subscription } of [sound, odd]) await errand.push.subscribe("u1", subscription, "en");
  const db = new DatabaseSync(file);
  db.prepare("UPDATE errand_subscriptions SET p256dh = ? WHERE endpoint = ?").run("A".repeat(87), odd.subscription.endpoint);
  db.close();
  await errand.task(idle).delay(null, { owner: "u1" });
  await service.called(1);
  await expect.poll(() => errand.push.has("u1", digestOf(odd.subscription.endpoint)), patiently).toBe(false);
  expect(await errand.push.has("u1", digestOf(sound.subscription.endpoint))).toBe(true);
  await expect.poll(() => waiting(file), patiently).toBe(0);
  expect([service.calls.length, log.said(/was not heard|given up/).length]).toEqual([1, 0]);
});

test("nothing is pushed to a service that this process does not know, and the subscription stays for one that does", async () => {
  const database = `file:${freshDatabase()}`;
  const knowing = notifying(webPush({ subject, services: ["push.invalid"] }), null, {}, { database }).errand;
  const { subscription } = new PushBrowser("https://push.invalid/one");
  expect(await knowing.push.subscribe("u1", subscription, "en")).toBe("kept");
  await knowing.close();
  const { errand, log } = notifying(webPush({ subject }), null, {}, { database });
  await errand.task(idle).delay(null, { owner: "u1" });
  await expect.poll(() => log.said(/was not heard|could not be told/).length, patiently).toBeGreaterThan(0);
  expect(String(log.said(/could not be told/)[0]?.fields.error)).toMatch(/no push service that this process knows/);
  expect(await errand.push.has("u1", digestOf(subscription.endpoint))).toBe(true);
});

test("the app's own keys that will not do cost no browser its subscription", async () => {
  const { errand, log } = notifying(webPush({ subject, keys: { publicKey: "A", privateKey: "A" } }), null);
  await errand.push.subscribe("u1", good, "en");
  await errand.task(idle).delay(null, { owner: "u1" });
  await expect.poll(() => log.said(/was not heard/).length, patiently).toBeGreaterThan(0);
  expect(await errand.push.has("u1", digestOf(good.endpoint))).toBe(true);
});

test("a browser belongs to who registered it; only itself may change hands, and an owner has ten at most", async () => {
  const { errand } = notifying(webPush({ subject }), null);
  const browser = new PushBrowser("https://fcm.googleapis.com/fcm/send/one");
  const { push } = errand;
  expect(await push.subscribe("u1", browser.subscription, "en")).toBe("kept");
  const guessed = new PushBrowser("https://fcm.googleapis.com/fcm/send/one");
  expect(await push.subscribe("u2", guessed.subscription, "en")).toBe("taken");
  expect(await push.unsubscribe("u2", browser.subscription.endpoint)).toBe(false);
  expect(await push.subscribe("u2", browser.subscription, "en")).toBe("kept");
  expect(await push.unsubscribe("u1", browser.subscription.endpoint)).toBe(false);
  for (let index = 0; index < 12; index++) {
    const at = Date.now(); // The store tells older from newer by the millisecond.
    await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(at);
    await push.subscribe("u3", new PushBrowser(`https://fcm.googleapis.com/fcm/send/${index + 2}`).subscription, "en");
  }
  const known = await Promise.all(Array.from({ length: 12 }, (_, index) => push.unsubscribe("u3", `https://fcm.googleapis.com/fcm/send/${index + 2}`)));
  expect(known).toEqual([false, false, ...Array(10).fill(true)]);
});

test.each([
  ["http", { ...good, endpoint: "http://fcm.googleapis.com/one" }],
  ["no address", { ...good, endpoint: "fcm.googleapis.com" }],
  ["this machine", { ...good, endpoint: "https://127.0.0.1/one" }],
  ["this machine by name", { ...good, endpoint: "https://localhost/one" }],
  ["this machine by its whole name", { ...good, endpoint: "https://a.localhost./one" }],
  ["this machine, written otherwise", { ...good, endpoint: "https://0x7f.1/one" }],
  ["a private network", { ...good, endpoint: "https://10.0.0.1/one" }],
  ["a cloud's inside", { ...good, endpoint: "https://[fd00:ec2::254]/one" }],
  ["a password", { ...good, endpoint: "https://user:word@fcm.googleapis.com/one" }],
  ["a long address", { ...good, endpoint: `https://fcm.googleapis.com/fcm/send/${"x".repeat(2000)}` }],
  ["an address that nobody writes so", { ...good, endpoint: `${good.endpoint}\n` }],
  ["an unseen character", { ...good, endpoint: `${good.endpoint}\0` }],
  ["an unknown host", { ...good, endpoint: "https://victim.example/one" }],
  ["another port", { ...good, endpoint: "https://fcm.googleapis.com:8443/one" }],
  ["a host that ends alike", { ...good, endpoint: "https://evilpush.apple.com/one" }],
  ["a host that begins alike", { ...good, endpoint: "https://fcm.googleapis.com.evil.example/one" }],
  ["the whole name of a host", { ...good, endpoint: "https://fcm.googleapis.com./one" }],
  ["a key that is no point", { ...good, keys: { ...good.keys, p256dh: Buffer.alloc(65, 4).toString("base64url") } }],
  ["a key in another form", { ...good, keys: { ...good.keys, p256dh: hybrid(good.keys.p256dh) } }],
  ["a short key", { ...good, keys: { ...good.keys, p256dh: "AAAA" } }],
  ["a key of other letters", { ...good, keys: { ...good.keys, auth: `${good.keys.auth.slice(0, -1)}'` } }],
])("a subscription with %s is refused", async (_, subscription) => {
  const { errand } = notifying(webPush({ subject }), null);
  expect(await errand.push.subscribe("u1", subscription, "en")).toBe("refused");
  expect(await errand.push.subscribe("u1", good, "en")).toBe("kept");
});

/** The same point, as OpenSSL but no browser writes it. */
function hybrid(p256dh: string): string {
  const point = Buffer.from(p256dh, "base64url");
  point[0] = 6 + ((point[64] as number) & 1);
  return point.toString("base64url");
}

test.each(["https://updates.push.services.mozilla.com/wpush/v2/a", "https://wns2-par02p.notify.windows.com/w/?token=a", "https://web.push.apple.com/a"])(
  "browsers subscribe at %s",
  async (endpoint) => {
    const { errand } = notifying(webPush({ subject }), null);
    expect(await errand.push.subscribe("u1", { ...good, endpoint }, "en")).toBe("kept");
  },
);

test("an app may add push services", async () => {
  const { errand } = notifying(webPush({ subject, services: ["push.example", "*.up.example"] }), null);
  const subscribe = (host: string) => errand.push.subscribe("u1", { ...good, endpoint: `https://${host}/one` }, "en");
  expect(await subscribe("push.example")).toBe("kept");
  expect(await subscribe("a.b.up.example")).toBe("kept");
  expect(await subscribe("up.example")).toBe("refused");
  expect(await subscribe("a.push.example")).toBe("refused");
  expect(await subscribe("push.example:8443")).toBe("refused");
  expect(await subscribe("fcm.googleapis.com")).toBe("kept");
});

test.each(["https://push.example", "*", "push.example:443", "Push.example", "*.*.example", ""])("%j is no push service", (service) => {
  expect(() => webPush({ subject, services: [service] })).toThrow(/"services" of notifier web-push must be names of hosts/);
});

test("a try takes 10 s at most", () => {
  expect(channel.timeout).toBe(10_000);
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
