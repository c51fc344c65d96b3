import { expect, test } from "vitest";
import { patiently } from "../../support/patiently.ts";
import { type Call, ok, Receiver } from "../../support/receiver.ts";
import { verifies } from "../../support/standard-webhook.ts";
import { keptLog, openErrand } from "../fixture.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

const greet = { name: "greet", run: () => ({ greeting: "Grüße 🧾" }) };

test("a webhook is POSTed with the run, signed as Standard Webhooks says", async () => {
  const receiver = await Receiver.start(ok);
  const errand = openErrand();
  errand.webhook({ name: "crm", url: receiver.url, secret });
  const run = await errand.task(greet).delay(null, { owner: "u1" });
  const [call] = (await receiver.called(1)) as [Call];
  expect(call.path).toBe("/hook?x=1");
  expect(call.headers).toMatchObject({ "content-type": "application/json", "webhook-id": `${run.id}.stopped` });
  expect(Math.abs(Number(call.headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
  expect(verifies(call, Buffer.alloc(32, 7))).toBe(true);
  expect(verifies(call, Buffer.alloc(32, 8))).toBe(false);
  expect(verifies({ ...call, body: call.body.replace("Succeeded", "Failed") }, Buffer.alloc(32, 7))).toBe(false);
  expect(JSON.parse(call.body)).toMatchObject({
    type: "user_task.stopped",
    id: `${run.id}.stopped`,
    timestamp: new Date(run.run.ended as number).toISOString(),
    data: { id: run.id, task: "greet", owner: "u1", state: "Succeeded", result: { greeting: "Grüße 🧾" } },
  });
});

test("a secret that is a plain text signs too", async () => {
  const receiver = await Receiver.start(ok);
  const errand = openErrand();
  errand.webhook({ name: "crm", url: receiver.url, secret: "sixteen bytes at least" });
  await errand.task(greet).delay(null);
  const [call] = (await receiver.called(1)) as [Call];
  expect(verifies(call, Buffer.from("sixteen bytes at least"))).toBe(true);
});

test("an answer of 500, then none in time, then one: the same event, later each time", async () => {
  const receiver = await Receiver.start(
    (_call, response) => response.writeHead(500).end("no"),
    () => {}, // Never answers.
    ok,
  );
  const log = keptLog();
  const errand = openErrand({ log });
  errand.webhook({ name: "crm", url: receiver.url, secret, timeout: "200ms" });
  const run = await errand.task(greet).delay(null);
  const calls = (await receiver.called(3)) as [Call, Call, Call];
  expect(new Set(calls.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([`${run.id}.stopped`]));
  expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
  expect(calls.every((call) => verifies(call, Buffer.alloc(32, 7)))).toBe(true);
  // A second, then two: at least, for a busy machine.
  expect(calls[1].at - calls[0].at).toBeGreaterThanOrEqual(950);
  expect(calls[2].at - calls[1].at).toBeGreaterThanOrEqual(1950);
  const errors = log.said(/was not heard; it comes again/).map(({ fields }) => String(fields.error));
  expect(errors[0]).toMatch(/answered 500/);
  expect(errors[1]).toMatch(/timeout/i);
});

test("a receiver that is not there hears when it comes back", async () => {
  const receiver = await Receiver.start(ok);
  const { port } = new URL(receiver.url);
  await receiver.stop();
  const log = keptLog();
  const errand = openErrand({ log });
  errand.webhook({ name: "crm", url: receiver.url, secret });
  const run = await errand.task(greet).delay(null);
  await expect.poll(() => log.said(/was not heard/).length, patiently).toBeGreaterThan(0);
  await receiver.listen(Number(port));
  const [call] = (await receiver.called(1)) as [Call];
  expect(call.headers["webhook-id"]).toBe(`${run.id}.stopped`);
});

test("a redirect is not followed: it counts as not heard", async () => {
  const elsewhere = await Receiver.start(ok);
  const receiver = await Receiver.start((_call, response) => response.writeHead(307, { location: elsewhere.url }).end(), ok);
  const log = keptLog();
  const errand = openErrand({ log });
  errand.webhook({ name: "crm", url: receiver.url, secret });
  await errand.task(greet).delay(null);
  await receiver.called(2);
  expect(elsewhere.calls).toEqual([]);
  expect(String(log.said(/was not heard/)[0]?.fields.error)).toMatch(/answered 307.*redirects are not followed/);
});

test("redelivery POSTs once more, with the same id", async () => {
  const receiver = await Receiver.start(ok);
  const errand = openErrand();
  errand.webhook({ name: "crm", url: receiver.url, secret });
  const run = await errand.task(greet).delay(null);
  await receiver.called(1);
  expect(await errand.redeliver(run.id, "crm")).toBe(true);
  const [first, second] = (await receiver.called(2)) as [Call, Call];
  expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
  expect(second.body).toBe(first.body);
});

test("a filter lets through what it is true for; two webhooks hear apart from each other", async () => {
  const [failures, all] = [await Receiver.start(ok), await Receiver.start(ok)];
  const errand = openErrand();
  errand.webhook({ name: "failures", url: failures.url, secret, filter: (run) => run.state === "failed" });
  errand.webhook({ name: "all", url: all.url, secret });
  const fine = await errand.task(greet).delay(null);
  const broken = await errand.task({ name: "broken", run: () => Promise.reject(new Error("no")) }).delay(null);
  await Promise.all([all.called(2), failures.called(1)]);
  expect(all.calls.map(({ headers }) => headers["webhook-id"]).sort()).toEqual([`${fine.id}.stopped`, `${broken.id}.stopped`].sort());
  expect(failures.calls.map(({ headers }) => headers["webhook-id"])).toEqual([`${broken.id}.stopped`]);
});

test.each([
  ["ftp://example.com/", secret, /must be http or https/],
  ["/hook", secret, /must be http or https/],
  ["javascript:alert(1)", secret, /must be http or https/],
  ["https://user:word@example.com/", secret, /must not bear a user or a password/],
  ["https://example.com/", "short", /16 bytes or more/],
  ["https://example.com/", "whsec_c2hvcnQ=", /16 bytes or more/],
])("a webhook to %s with the secret %s will not do", (url, key, message) => {
  expect(() => openErrand().webhook({ name: "crm", url, secret: key })).toThrow(message);
});
