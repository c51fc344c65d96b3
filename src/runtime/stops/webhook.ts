import { type Duration, milliseconds } from "../../core/duration.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { iso } from "../../core/iso.ts";
import type { Run } from "../../core/run.ts";
import { runDocument } from "../../core/run-document.ts";
import { signedHeaders, webhookKey } from "../../core/webhook-signature.ts";
import type { DurableListener, StopListener } from "./stop-listener.ts";

export interface WebhookOptions {
  /** Tells this webhook from others; what it has not heard is kept under this name. */
  readonly name: string;
  /** Where the POST goes: https, or http. */
  readonly url: string;
  /** Signs the body: 16 characters or more, or "whsec_" and base64. */
  readonly secret: string;
  /** Only runs for which it is true. */
  readonly filter?: (run: Run) => boolean;
  /** Longest time for an answer. 10 s by default. */
  readonly timeout?: Duration;
}

/**
 * A listener that POSTs each stop event, signed as the Standard Webhooks specification says (webhook-id, webhook-timestamp,
 * webhook-signature: "v1," and the base64 HMAC-SHA256 of "id.timestamp.body"). Any answer but 2xx, a redirect too, means: again later,
 * with the same id and body.
 *
 * @throws ConfigurationError or RangeError for a URL, a secret or a time that will not do.
 */
export function webhookListener({ name, url, secret, filter, timeout = "10s" }: WebhookOptions): DurableListener {
  checkUrl(name, url);
  const key = webhookKey(`webhook ${name}`, secret);
  const ms = milliseconds(`timeout of webhook ${name}`, timeout);
  const hear: StopListener = async ({ run, eventId }) => {
    if (filter && !filter(run)) return;
    const body = JSON.stringify({ type: "user_task.stopped", id: eventId, timestamp: iso(run.ended as number), data: runDocument(run) });
    const headers = await signedHeaders(key, eventId, Date.now(), body);
    const response = await fetch(url, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(ms), headers });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`The webhook answered ${response.status}; only 2xx means that it has heard, and redirects are not followed.`);
  };
  // The request's own time comes first: it says what went wrong.
  return { name, hear, timeout: ms + 1000 };
}

function checkUrl(name: string, url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new ConfigurationError(`The URL of webhook ${name} must be http or https, but is ${JSON.stringify(url)}.`);
  if (parsed.username !== "" || parsed.password !== "")
    throw new ConfigurationError(`The URL of webhook ${name} must not bear a user or a password: the signature tells the receiver who sends.`);
}
