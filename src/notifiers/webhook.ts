import { type Duration, milliseconds } from "../core/duration.ts";
import { NotificationRefusedError } from "../core/errors.ts";
import { iso } from "../core/iso.ts";
import type { Notifier } from "../core/notify.ts";
import { runDocument } from "../core/run-document.ts";
import { signedHeaders, webhookKey } from "../core/webhook-signature.ts";
import { post } from "./post.ts";

export interface WebhookNotifierOptions {
  /** "webhook" by default. */
  readonly name?: string;
  /** Signs the body: 16 characters or more, or "whsec_" and base64. Whoever gives an address must be told it, or cannot tell who sends. */
  readonly secret: string;
  /** Longest time for an answer. 10 s by default. */
  readonly timeout?: Duration;
  /** Also addresses of this machine and of private networks, and http. Off by default: an owner who may give an address could reach what is behind your firewall. */
  readonly allowPrivateAddresses?: boolean;
}

/**
 * Tells an owner by a POST to `contact.webhook`, signed as the Standard Webhooks specification says. Any answer but 2xx, a redirect too, means:
 * again later, with the same id and body; 410 means never again.
 *
 * @throws ConfigurationError or RangeError for a secret or a time that will not do
 */
export function webhookNotifier({ name = "webhook", secret, timeout = "10s", allowPrivateAddresses = false }: WebhookNotifierOptions): Notifier {
  const key = webhookKey(`notifier ${name}`, secret);
  return {
    name,
    timeout: milliseconds(`timeout of notifier ${name}`, timeout),
    async send({ run, contact, eventId, signal, notice }) {
      const url = contact?.webhook;
      if (url === undefined) return;
      const wrong = objection(url, allowPrivateAddresses);
      if (wrong !== null) throw new NotificationRefusedError(`The owner's webhook must be an absolute https address without user and password, but ${wrong}.`);
      const { subject, lines, artifacts, url: page, locale } = notice();
      const data = { run: runDocument(run), subject, lines, artifacts, url: page, locale };
      const body = JSON.stringify({ type: "user_task.notification", id: eventId, timestamp: iso(run.ended ?? run.modified), data });
      const headers = await signedHeaders(key, eventId, Date.now(), body);
      const status = await post(url, { headers, body, signal, allowPrivate: allowPrivateAddresses });
      if (status === 410) throw new NotificationRefusedError("The webhook answered 410: it wants to hear of nothing any more.");
      if (status < 200 || status > 299) throw new Error(`The webhook answered ${status}; only 2xx means that it has heard, and redirects are not followed.`);
    },
  };
}

/** What is wrong with an address, or null: not more of it than its host, for the rest may be a secret. */
function objection(address: string, allowHttp: boolean): string | null {
  if (!URL.canParse(address)) return `its ${address.length} characters are none`;
  const { protocol, host, username, password } = new URL(address);
  if (protocol !== "https:" && !(allowHttp && protocol === "http:")) return `that at ${JSON.stringify(host)} is one of ${protocol}`;
  return username !== "" || password !== "" ? `that at ${JSON.stringify(host)} has them` : null;
}
