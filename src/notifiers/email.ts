import { createTransport } from "nodemailer";
import { type Duration, milliseconds } from "../core/duration.ts";
import { ConfigurationError, NotificationRefusedError } from "../core/errors.ts";
import type { Notifier } from "../core/notify.ts";
import { htmlBody, textBody } from "./mail-body.ts";

/** What is needed of a Nodemailer transport that the app has. */
export interface MailTransport {
  sendMail(mail: Mail): Promise<unknown>;
}

export interface Mail {
  readonly from: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly disableFileAccess: true;
  readonly disableUrlAccess: true;
}

export interface EmailNotifierOptions {
  /** "email" by default. */
  readonly name?: string;
  /** Where mails are handed in: "smtps://user:password@smtp.example" (or smtp://), or a transport of Nodemailer's `createTransport`, which the app closes itself. */
  readonly transport: string | MailTransport;
  /** Whom mails are from, such as "Box office <tickets@example.org>". */
  readonly from: string;
  /** Longest time of a try. 30 s by default. */
  readonly timeout?: Duration;
}

/** One plain address: no list, no display name, no comment, nothing that a mail server could take for more than one. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?$/u;

/**
 * Tells an owner by mail to `contact.email`, in plain text and simple HTML. Each try of one run's end has the same Message-ID, made of the
 * event's id, so that mail systems may drop a repetition. An address that the server refuses for good (5xx) is not tried again.
 * What is logged and kept of a failure names no address.
 *
 * @throws ConfigurationError or RangeError for options that will not do
 */
export function emailNotifier({ name = "email", transport, from, timeout = "30s" }: EmailNotifierOptions): Notifier {
  const ms = milliseconds(`timeout of notifier ${name}`, timeout);
  const domain = /@([\w.-]+\w)/.exec(from)?.[1];
  if (domain === undefined || /[\r\n]/.test(from))
    throw new ConfigurationError(`"from" of notifier ${name} must have an address such as "tickets@example.org", but is ${JSON.stringify(from)}.`);
  const own =
    typeof transport === "string"
      ? createTransport({ url: smtpAddress(name, transport), connectionTimeout: ms, greetingTimeout: ms, socketTimeout: ms })
      : undefined;
  const mailer: MailTransport = typeof transport === "string" ? (own as unknown as MailTransport) : transport;
  return {
    name,
    timeout: ms,
    async send({ contact, eventId, signal, notice }) {
      const address = contact?.email;
      if (address === undefined) return;
      if (!ADDRESS.test(address))
        throw new NotificationRefusedError(
          `The owner's e-mail must be one plain address such as "ada@example.org", without a name or a list: the ${address.length} characters that notify.to gave are none.`,
        );
      const words = notice();
      const mail: Mail = {
        from,
        to: { name: plainName(contact?.name), address },
        subject: words.subject,
        text: textBody(words),
        html: htmlBody(words),
        messageId: `<${eventId}.${name}@${domain}>`,
        headers: { "Auto-Submitted": "auto-generated" },
        disableFileAccess: true,
        disableUrlAccess: true,
      };
      await before(signal, mailer.sendMail(mail).catch(judged));
    },
    async close() {
      own?.close();
    },
  };
}

/** @throws ConfigurationError without the password that the address may bear */
function smtpAddress(name: string, address: string): string {
  if (URL.canParse(address) && /^smtps?:$/.test(new URL(address).protocol)) return address;
  throw new ConfigurationError(`The transport of notifier ${name} must be an address such as "smtps://user:password@smtp.example", or a Nodemailer transport.`);
}

function plainName(name = ""): string {
  return name
    .replace(/[\p{C}\p{Zl}\p{Zp}"<>\\]+/gu, " ")
    .trim()
    .slice(0, 100)
    .toWellFormed();
}

/** Whatever may be an address in what others say. */
const ANY_ADDRESS = /[^\s<>"'`(),:;[\]]+@[^\s<>"'`(),:;[\]]+/gu;

/**
 * Says what was wrong in words that may be kept: neither the server's own, which name the address, nor the error, which has it among its fields.
 * @throws NotificationRefusedError when the server said 5xx to the address or the mail; what was wrong with the sign-in may be mended
 */
function judged(error: unknown): never {
  const { code = "", message, response = "", responseCode } = error as { code?: string; message?: string; response?: string; responseCode?: number };
  if (responseCode === undefined) throw new Error(`The mail could not be handed in: ${String(message ?? error).replace(ANY_ADDRESS, "…")}`);
  const status = [responseCode, /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? []].flat().join(" ");
  if ((code === "EENVELOPE" || code === "EMESSAGE") && responseCode >= 500) throw new NotificationRefusedError(`The mail server refused it: ${status}.`);
  throw new Error(`The mail server did not take it: ${status}${code === "" ? "" : ` (${code})`}.`);
}

/** What is sent, unless the time is over first: it may go out all the same, and then again with the same Message-ID. */
function before<Sent>(signal: AbortSignal, sending: Promise<Sent>): Promise<Sent> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([sending, promise]).finally(() => signal.removeEventListener("abort", abort));
}
