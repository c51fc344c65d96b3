import { inspect } from "node:util";
import fc from "fast-check";
import { createTransport } from "nodemailer";
import { expect, onTestFinished, test } from "vitest";
import { NotificationRefusedError, UserError } from "../../src/index.ts";
import { emailNotifier, type MailTransport } from "../../src/notifiers/email.ts";
import { patiently } from "../support/patiently.ts";
import { type Received, SmtpServer } from "../support/smtp.ts";
import { notifying, URL_OF_PAGES } from "./notifying.ts";

const FROM = "Box office <tickets@box-office.example>";
const ada = { email: "ada@example.org", name: "Ada" };

const header = (mail: Received | undefined, name: string) => mail?.headers.get(name);

test("a mail tells of the end: from whom, to whom, what, and where to look", async () => {
  const smtp = await SmtpServer.start();
  const { errand } = notifying(emailNotifier({ transport: smtp.url, from: FROM }), ada);
  const task = errand.task({
    name: "tickets",
    generateName: () => "Tickets for Grüße 🧾",
    run: async (_, { artifacts }) => {
      await artifacts.text("…", "tickets.pdf");
      await artifacts.text("…", "<b>list</b> & more.csv");
    },
  });
  const run = await task.delay(null, { owner: "u1" });
  const [mail] = await smtp.received(1);
  expect([mail?.from, mail?.to]).toEqual(["tickets@box-office.example", ["ada@example.org"]]);
  expect(header(mail, "from")).toEqual([FROM]);
  expect(header(mail, "to")).toEqual(["Ada <ada@example.org>"]);
  expect(header(mail, "subject")).toEqual(["Done: Tickets for Grüße 🧾"]);
  expect(header(mail, "message-id")).toEqual([`<${run.id}.stopped.email@box-office.example>`]);
  expect(header(mail, "auto-submitted")).toEqual(["auto-generated"]);
  const link = `${URL_OF_PAGES}/runs/${run.id}`;
  expect(mail?.parts.get("text/plain")).toBe(
    `“Tickets for Grüße 🧾” is done.\n\nWhat it made:\n- tickets.pdf\n- <b>list</b> & more.csv\n\nLook at it: ${link}\n`,
  );
  const html = mail?.parts.get("text/html") ?? "";
  expect(html).toContain(`<a href="${link}">Look at it</a>`);
  expect(html).toContain("<li>&#60;b&#62;list&#60;/b&#62; &#38; more.csv</li>");
});

test("a failure is told as its user may see it, in the owner's language, with the app's own words", async () => {
  const smtp = await SmtpServer.start();
  const { errand } = notifying(
    emailNotifier({ transport: smtp.url, from: FROM }),
    { ...ada, locale: "de" },
    { url: (run) => `https://shop.example/orders/${run.id}?a=1&b="2"` },
    { messages: { de: { "notify.open": "Zur Bestellung" } } },
  );
  const cause = new UserError("The paper has run out. <script>alert(1)</script>");
  await errand.task({ name: "print", run: () => Promise.reject(cause) }).delay(null, { owner: "u1" });
  await errand.task({ name: "break", run: () => Promise.reject(new Error("secret detail")) }).delay(null, { owner: "u1" });
  const mails = await smtp.received(2);
  const [failed, broke] = ["print", "break"].map((name) => mails.find((mail) => header(mail, "subject")?.[0] === `Fehlgeschlagen: ${name}`));
  expect(failed?.parts.get("text/plain")).toContain("The paper has run out. <script>alert(1)</script>");
  expect(failed?.parts.get("text/plain")).not.toContain("Error");
  expect(failed?.parts.get("text/html")).not.toContain("<script>");
  expect(failed?.parts.get("text/html")).toContain('?a=1&#38;b=&#34;2&#34;">Zur Bestellung</a>');
  expect(broke?.parts.get("text/plain")).toMatch(/unerwarteter Fehler.*\(Supportcode: [0-9a-f]{8}\)/);
  expect(broke?.parts.get("text/plain")).not.toContain("secret detail");
});

test("names that would be headers, or mails to others, are one line of text", async () => {
  const smtp = await SmtpServer.start();
  const { errand } = notifying(emailNotifier({ transport: smtp.url, from: FROM }), { ...ada, name: 'Ada" <eve@example.org>,\r\nBcc: eve@example.org' });
  const evil = "Tickets\r\nBcc: eve@example.org\r\n\r\n.\r\nRCPT TO:<eve@example.org>\u202Egnp.exe";
  await errand.task({ name: "tickets", generateName: () => evil, run: () => null }).delay(null, { owner: "u1" });
  const [mail] = await smtp.received(1);
  expect(smtp.recipients).toEqual(["ada@example.org"]);
  expect([...(mail?.headers.keys() ?? [])].filter((name) => /bcc|rcpt/.test(name))).toEqual([]);
  expect(header(mail, "subject")).toEqual(["Done: Tickets Bcc: eve@example.org . RCPT TO:<eve@example.org> gnp.exe"]);
  expect(mail?.parts.size).toBe(2);
});

test("a refusal for now is tried again, with the same Message-ID", async () => {
  const smtp = await SmtpServer.start("451 try later", "250 ok");
  const { errand, log } = notifying(emailNotifier({ transport: smtp.url, from: FROM }), ada);
  const run = await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  const [mail] = await smtp.received(1);
  expect(smtp.recipients).toHaveLength(2);
  expect(header(mail, "message-id")).toEqual([`<${run.id}.stopped.email@box-office.example>`]);
  expect(log.said(/was not heard; it comes again/)).toHaveLength(1);
  expect(await errand.undelivered()).toEqual([]);
});

test("a refusal for good is not tried again: it is logged, and listed", async () => {
  const smtp = await SmtpServer.start("550 no such user");
  const { errand, log } = notifying(emailNotifier({ transport: smtp.url, from: FROM }), ada);
  const run = await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  await expect.poll(() => errand.undelivered(), patiently).toMatchObject([{ runId: run.id, listener: "errand.notify.email", tries: 1 }]);
  expect((await errand.undelivered())[0]?.error).toMatch(/refused it.*550/);
  expect(log.said(/given up/)[0]?.fields).toMatchObject({ runId: run.id, listener: "errand.notify.email" });
  expect(smtp.recipients).toHaveLength(1);
});

test.each([
  ["550-5.1.1 <ada@example.org>: no such user\r\n550 5.1.1 of ada@example.org", "The mail server refused it: 550 5.1.1."],
  ["550 ada@example.org is unknown", "The mail server refused it: 550."],
])("what is logged and kept of a refusal (%j) names no address", async (reply, error) => {
  const smtp = await SmtpServer.start(reply);
  const { errand, log } = notifying(emailNotifier({ transport: smtp.url, from: FROM }), ada);
  await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  await expect.poll(() => errand.undelivered(), patiently).toMatchObject([{ error }]);
  expect(inspect(log.said(/given up/), { depth: 9 })).not.toMatch(/ada@|example\.org/);
});

test("nor does what is said of a refusal for now", async () => {
  const smtp = await SmtpServer.start("450 4.2.1 <ada@example.org>: try later", "250 ok");
  const { errand, log } = notifying(emailNotifier({ transport: smtp.url, from: FROM }), ada);
  await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  await smtp.received(1);
  expect(String(log.said(/was not heard/)[0]?.fields.error)).toBe("Error: The mail server did not take it: 450 4.2.1 (EENVELOPE).");
  expect(inspect(log.said(/was not heard/), { depth: 9 })).not.toMatch(/ada@|example\.org/);
});

test("nor what another transport throws", async () => {
  const transport = { sendMail: async () => Promise.reject(Object.assign(new Error("Not verified: 'Ada@example.org', <ada@example.org>."), { to: ada })) };
  const error = await caught(emailNotifier({ transport, from: FROM }).send(deliveryTo(ada.email), undefined as never));
  expect(String(error)).toBe("Error: The mail could not be handed in: Not verified: '…', <…>.");
  expect(inspect(error, { depth: 9 })).not.toMatch(/example\.org/i);
});

test.each(["ada@example.org, eve@example.org", "Ada <ada@example.org>", ""])("an address that is none (%j) is refused without being named", async (email) => {
  const error = await caught(emailNotifier({ transport: "smtp://127.0.0.1:9", from: FROM }).send(deliveryTo(email), undefined as never));
  expect(error).toBeInstanceOf(NotificationRefusedError);
  expect(String(error)).toContain(`the ${email.length} characters that notify.to gave are none`);
  expect(inspect(error)).not.toMatch(/eve|Ada </);
});

async function caught(sending: Promise<void>): Promise<unknown> {
  return sending.then(
    () => null,
    (error: unknown) => error,
  );
}

const addresses = fc.oneof(
  fc.emailAddress(),
  fc
    .tuple(fc.emailAddress(), fc.constantFrom(",", ";", " ", "\r\n", "<", ">", ", Eve <", "\0", "(", "\u2028"), fc.emailAddress())
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
);

test("whatever an app gives as an address, nobody else gets a mail", async () => {
  const smtp = await SmtpServer.start();
  const notifier = emailNotifier({ transport: smtp.url, from: FROM });
  onTestFinished(() => notifier.close?.());
  await fc.assert(
    fc.asyncProperty(addresses, async (email) => {
      const before = smtp.recipients.length;
      await notifier.send(deliveryTo(email), undefined as never).catch(() => {});
      const asked = smtp.recipients.slice(before);
      expect(asked.length).toBeLessThanOrEqual(1);
      if (asked.length === 1) expect([email, email.toLowerCase()]).toContain(asked[0]);
    }),
    { numRuns: 60 },
  );
  const before = smtp.mails.length;
  await notifier.send(deliveryTo("ada@example.org"), undefined as never);
  expect(smtp.mails.length).toBe(before + 1);
});

function deliveryTo(email: string) {
  const words = { locale: "en", subject: "Done", lines: ["It is done."], artifacts: [], labels: { artifacts: "", open: "" }, url: null };
  return { run: undefined as never, owner: "u1", contact: { email }, eventId: "e1", signal: AbortSignal.timeout(20_000), notice: () => words };
}

test("an app's own transport is used, and left to the app", async () => {
  const smtp = await SmtpServer.start();
  const transport = createTransport({ url: smtp.url, pool: true });
  onTestFinished(() => transport.close());
  const { errand } = notifying(emailNotifier({ transport: transport as unknown as MailTransport, from: FROM, name: "mail" }), ada);
  await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  await smtp.received(1);
  await errand.close();
  await transport.sendMail({ from: FROM, to: "bob@example.org", text: "still open" });
  expect(smtp.mails.at(-1)?.to).toEqual(["bob@example.org"]);
});

test.each([
  [{ transport: "http://smtp.example", from: FROM }, /transport of notifier email must be an address/],
  [{ transport: "smtp://smtp.example", from: "Box office" }, /must have an address/],
  [{ transport: "smtp://smtp.example", from: "a@example.org\r\nBcc: b@example.org" }, /must have an address/],
])("an e-mail notifier with %j will not do", (options, message) => {
  expect(() => emailNotifier(options)).toThrow(message);
});
