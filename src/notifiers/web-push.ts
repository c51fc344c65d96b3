import { isIP } from "node:net";
import webPushLibrary from "web-push";
import { type Duration, milliseconds } from "../core/duration.ts";
import { ConfigurationError, NotificationRefusedError } from "../core/errors.ts";
import type { Notice, Notifier, NotifyTools } from "../core/notify.ts";
import type { Subscription } from "../core/subscriptions.ts";
import { post } from "./post.ts";
import { isLoopback, isPublicAddress } from "./public-address.ts";

export interface WebPushOptions {
  /** "web-push" by default. */
  readonly name?: string;
  /** How push services can reach whoever runs this: "mailto:…" or an https address. */
  readonly subject: string;
  /** Keys of the app (VAPID), base64url. By default a pair that is made at the first need and kept in the store. Browsers that subscribed with other keys are lost. */
  readonly keys?: VapidKeys;
  /** How long a push service keeps it for a browser that is off. 1 d by default. */
  readonly keep?: Duration;
  /** Longest time for the answers. 30 s by default. */
  readonly timeout?: Duration;
  /** Also subscriptions whose address is of this machine, then with http too, or of a private network. For tests: off by default, since any visitor may subscribe. */
  readonly allowPrivateAddresses?: boolean;
}

export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const SETTING = "vapid";
/** A push service takes 4096 bytes, encrypted: longer texts are cut, longer addresses left out. */
const LONGEST_BODY = 500;
const LONGEST_URL = 1000;

/**
 * Tells an owner's browsers, also those with no page open, of those that have subscribed (Web Push, RFC 8030, encrypted for the browser as RFC
 * 8291 says). A subscription that is gone (404, 410) is forgotten.
 *
 * @throws ConfigurationError or RangeError for options that will not do
 */
export function webPush({ name = "web-push", subject, keys, keep = "1d", timeout = "30s", allowPrivateAddresses = false }: WebPushOptions): Notifier {
  if (!/^(mailto:\S+@\S+|https:\/\/\S+)$/.test(subject))
    throw new ConfigurationError(`"subject" of notifier ${name} must be "mailto:…" or an https address, but is ${JSON.stringify(subject)}.`);
  const ttl = Math.round(milliseconds(`keep of notifier ${name}`, keep) / 1000);
  let kept: Promise<VapidKeys> | undefined;
  const vapid = (tools: NotifyTools): Promise<VapidKeys> => {
    kept ??= keys ? Promise.resolve(keys) : keptKeys(tools);
    kept.catch(() => (kept = undefined));
    return kept;
  };
  const sendTo = async (to: Subscription, payload: string, topic: string, signal: AbortSignal, tools: NotifyTools): Promise<number> => {
    const vapidDetails = { subject, ...(await vapid(tools)) };
    const subscription = { endpoint: to.endpoint, keys: { p256dh: to.p256dh, auth: to.auth } };
    const { headers, body } = webPushLibrary.generateRequestDetails(subscription, payload, { vapidDetails, TTL: ttl, topic, urgency: "normal" });
    return post(to.endpoint, { headers: headers as Record<string, string>, body: body ?? "", signal, allowPrivate: allowPrivateAddresses });
  };
  return {
    name,
    timeout: milliseconds(`timeout of notifier ${name}`, timeout),
    push: {
      publicKey: async (tools) => (await vapid(tools)).publicKey,
      accepts: (endpoint) => mayPush(endpoint, allowPrivateAddresses),
    },
    async send({ run, owner, signal, notice }, tools) {
      const subscriptions = await tools.subscriptions.of(owner);
      const topic = run.id.replaceAll("-", "");
      const results = await Promise.allSettled(
        subscriptions.map(async (to) => {
          const status = await sendTo(to, payloadOf(notice(to.locale), run.id), topic, signal, tools);
          if (status === 404 || status === 410) await tools.subscriptions.remove(owner, to.digest);
          else if (status < 200 || status > 299) throw failure(status);
        }),
      );
      const failed = results.filter((result) => result.status === "rejected").map(({ reason }) => reason as unknown);
      // One that may still be reached is worth another try, at which the others replace what they show.
      const worth = failed.find((reason) => !(reason instanceof NotificationRefusedError));
      if (failed.length > 0) throw worth ?? failed[0];
    },
  };
}

async function keptKeys({ setting }: NotifyTools): Promise<VapidKeys> {
  return JSON.parse(await setting(SETTING, JSON.stringify(webPushLibrary.generateVAPIDKeys()))) as VapidKeys;
}

/** What the service worker of errand-push-worker.js shows. */
function payloadOf({ subject, lines, artifacts, url }: Notice, runId: string): string {
  const body = [...lines.slice(1), artifacts.join(", ")].filter((line) => line !== "").join("\n");
  return JSON.stringify({
    title: subject,
    body: body.slice(0, LONGEST_BODY).toWellFormed(),
    url: url !== null && url.length <= LONGEST_URL ? url : null,
    tag: `errand ${runId}`,
  });
}

function failure(status: number): Error {
  const text = `The push service answered ${status}; only 2xx means that it has taken the message.`;
  return status >= 500 || status === 429 || status === 408 || status < 400 ? new Error(text) : new NotificationRefusedError(text);
}

/** Without a look at where a name leads: that is looked at when it is pushed to. */
function mayPush(endpoint: string, allowPrivate: boolean): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname, username, password } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$|\.$/g, "");
  if (username !== "" || password !== "") return false;
  if (allowPrivate && protocol === "http:" && isLoopback(host)) return true;
  if (protocol !== "https:") return false;
  return allowPrivate || (isIP(host) === 0 ? !isLoopback(host) && !host.endsWith(".localhost") : isPublicAddress(host));
}
