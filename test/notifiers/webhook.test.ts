import { inspect } from "node:util";
import { expect, test } from "vitest";
import { webhookNotifier } from "../../src/notifiers/webhook.ts";
import { patiently } from "../support/patiently.ts";
import { type Call, ok, Receiver, status } from "../support/receiver.ts";
import { verifies } from "../support/standard-webhook.ts";
import { notifying, URL_OF_PAGES } from "./notifying.ts";

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString("base64")}`;
const notifier = webhookNotifier({ secret, allowPrivateAddresses: true });
const idle = { name: "idle", generateName: () => "Tickets", run: () => null };

test("the owner's own address is POSTed to, signed, with the words and the run", async () => {
  const receiver = await Receiver.start(ok);
  const { errand } = notifying(notifier, { webhook: receiver.url, locale: "fr" });
  const run = await errand.task(idle).delay(null, { owner: "u1" });
  const [call] = (await receiver.called(1)) as [Call];
  expect(call.headers).toMatchObject({ "content-type": "application/json", "webhook-id": `${run.id}.stopped` });
  expect(Math.abs(Number(call.headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
  expect(verifies(call, key)).toBe(true);
  expect(verifies(call, Buffer.alloc(32, 8))).toBe(false);
  expect(JSON.parse(call.body)).toMatchObject({
    type: "user_task.notification",
    id: `${run.id}.stopped`,
    data: {
      run: { id: run.id, state: "Succeeded" },
      subject: "Terminé : Tickets",
      lines: ["« Tickets » est terminé."],
      url: `${URL_OF_PAGES}/runs/${run.id}`,
      locale: "fr",
    },
  });
});

test("an answer of 500, then a redirect, then 204: the same event each time, and the redirect is not followed", async () => {
  const elsewhere = await Receiver.start(ok);
  const receiver = await Receiver.start(status(500), (_call, response) => response.writeHead(307, { location: elsewhere.url }).end(), ok);
  const { errand, log } = notifying(notifier, { webhook: receiver.url });
  await errand.task(idle).delay(null, { owner: "u1" });
  const calls = await receiver.called(3);
  expect(new Set(calls.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
  expect(elsewhere.calls).toEqual([]);
  expect(log.said(/was not heard/).map(({ fields }) => String(fields.error))).toEqual([
    expect.stringMatching(/answered 500/),
    expect.stringMatching(/answered 307.*redirects are not followed/),
  ]);
});

test("one that never answers is cut off in time, and asked again", async () => {
  const receiver = await Receiver.start(() => {}, ok);
  const { errand, log } = notifying(webhookNotifier({ secret, allowPrivateAddresses: true, timeout: "200ms" }), { webhook: receiver.url });
  await errand.task(idle).delay(null, { owner: "u1" });
  await receiver.called(2);
  expect(String(log.said(/was not heard/)[0]?.fields.error)).toMatch(/abort|timeout/i);
});

test("410 means never again", async () => {
  const receiver = await Receiver.start(status(410));
  const { errand } = notifying(notifier, { webhook: receiver.url });
  const run = await errand.task(idle).delay(null, { owner: "u1" });
  await expect.poll(() => errand.undelivered(), patiently).toMatchObject([{ runId: run.id, listener: "errand.notify.webhook", tries: 1 }]);
  expect(receiver.calls).toHaveLength(1);
});

test.each([
  ["http://example.com/", /must be an absolute https address/],
  ["/hook", /must be an absolute https address/],
  ["file:///etc/passwd", /must be an absolute https address/],
  ["https://127.0.0.1:{port}/", /127\.0\.0\.1 is not one of the public internet/],
  ["https://127.1:{port}/", /127\.0\.0\.1 is not one of the public internet/],
  ["https://0x7f000001:{port}/", /127\.0\.0\.1 is not one of the public internet/],
  ["https://[::1]:{port}/", /::1 is not one of the public internet/],
  ["https://[::ffff:127.0.0.1]:{port}/", /is not one of the public internet/],
  ["https://169.254.169.254/latest/meta-data", /169\.254\.169\.254 is not one of the public internet/],
  ["https://localhost:{port}/", /"localhost".*is not one of the public internet/],
])("an owner cannot make this server ask %s", async (address, message) => {
  const receiver = await Receiver.start(ok);
  const webhook = address.replace("{port}", new URL(receiver.url).port);
  const { errand } = notifying(webhookNotifier({ secret }), { webhook });
  await errand.task(idle).delay(null, { owner: "u1" });
  await expect.poll(() => errand.undelivered(), patiently).toHaveLength(1);
  expect((await errand.undelivered())[0]?.error).toMatch(message);
  expect(receiver.calls).toEqual([]);
});

test.each([
  ["https://user:word@hooks.example/T0KEN?key=s3cret", /without user and password, but that at "hooks.example" has them\./],
  ["https://word@hooks.example/T0KEN", /without user and password, but that at "hooks.example" has them\./],
  ["http://user:word@hooks.example/T0KEN?key=s3cret", /but that at "hooks.example" is one of http:\./],
  ["hooks.example/T0KEN?key=s3cret", /but its 30 characters are none\./],
])("of %s, which is refused, no secret is told", async (webhook, message) => {
  const { errand, log } = notifying(webhookNotifier({ secret }), { webhook });
  await errand.task(idle).delay(null, { owner: "u1" });
  await expect.poll(() => errand.undelivered(), patiently).toMatchObject([{ error: expect.stringMatching(message) }]);
  expect(inspect([log.said(/given up/), await errand.undelivered()], { depth: 9 })).not.toMatch(/T0KEN|s3cret|word@|user:/);
});

test("a secret that is too short will not do", () => {
  expect(() => webhookNotifier({ secret: "short" })).toThrow(/secret of notifier webhook must have 16 bytes/);
});
