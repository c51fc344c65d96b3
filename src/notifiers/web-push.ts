import webPushLibrary from "web-push";
import { type Duration, milliseconds } from "../core/duration.ts";
import { ConfigurationError, NotificationRefusedError } from "../core/errors.ts";
import type { Notice, Notifier, NotifyTools } from "../core/notify.ts";
import type { Subscription } from "../core/subscriptions.ts";
import { post } from "./post.ts";
import { pushServices } from "./push-services.ts";

export interface WebPushOptions {
  /** "web-push" by default. */
  readonly name?: string;
  /** How push services can reach whoever runs this: "mailto:…" or an https address. */
  readonly subject: string;
  /** Keys of the app (VAPID), base64url. By default a pair that is made at the first need and kept in the store. Browsers that subscribed with other keys are lost. */
  readonly keys?: VapidKeys;
  /** How long a push service keeps it for a browser that is off. 1 d by default. */
  readonly keep?: Duration;
  /** Longest time for the answers. 10 s by default. */
  readonly timeout?: Duration;
  /** Hosts of further push services, such as "push.example.org", or "*.push.example.org" for all below. Those of the browsers in use are known. */
  readonly services?: readonly string[];
  /** Also subscriptions at any other host and port, of this machine, then with http too, or of a private network. For tests: off by default, since any visitor may subscribe. */
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

/** What a push service answers when a subscription is of no use any more: gone, or made for other keys, or never its own. */
const LOST = [400, 401, 403, 404, 410];

/**
 * Tells an owner's browsers, also those with no page open, of those that have subscribed (Web Push, RFC 8030, encrypted for the browser as RFC
 * 8291 says). It is sent when any of them has taken it. A subscription that is refused (400, 401, 403, 404, 410), or whose keys do not encrypt,
 * is forgotten.
 *
 * @throws ConfigurationError or RangeError for options that will not do
 */
export function webPush(options: WebPushOptions): Notifier {
  const { name = "web-push", subject, keys, keep = "1d", timeout = "10s", services = [], allowPrivateAddresses = false } = options;
  if (!/^(mailto:\S+@\S+|https:\/\/\S+)$/.test(subject))
    throw new ConfigurationError(`"subject" of notifier ${name} must be "mailto:…" or an https address, but is ${JSON.stringify(subject)}.`);
  const ttl = Math.round(milliseconds(`keep of notifier ${name}`, keep) / 1000);
  const accepts = pushServices(name, services, allowPrivateAddresses);
  let kept: Promise<VapidKeys> | undefined;
  const vapid = (tools: NotifyTools): Promise<VapidKeys> => {
    kept ??= keys ? Promise.resolve(keys) : keptKeys(tools);
    kept.catch(() => (kept = undefined));
    return kept;
  };
  /** Null once it has been taken, else why the subscription is of no use. */
  const sendTo = async (to: Subscription, payload: string, topic: string, signal: AbortSignal, tools: NotifyTools): Promise<string | null> => {
    if (!accepts(to.endpoint)) throw new NotificationRefusedError("It is at no push service that this process knows.");
    if (!isReadable(to)) return "Its keys do not encrypt.";
    const vapidDetails = { subject, ...(await vapid(tools)) };
    const { headers, body } = webPushLibrary.generateRequestDetails(asGiven(to), payload, { vapidDetails, TTL: ttl, topic, urgency: "normal" });
    const status = await post(to.endpoint, { headers: headers as Record<string, string>, body: body ?? "", signal, allowPrivate: allowPrivateAddresses });
    if (LOST.includes(status)) return `The push service answered ${status}.`;
    if (status < 200 || status > 299) throw failure(status);
    return null;
  };
  return {
    name,
    timeout: milliseconds(`timeout of notifier ${name}`, timeout),
    push: { publicKey: async (tools) => (await vapid(tools)).publicKey, accepts },
    async send({ run, owner, signal, notice }, tools) {
      const subscriptions = await tools.subscriptions.of(owner);
      const topic = run.id.replaceAll("-", "");
      let isTaken = false;
      const failed: { readonly error: unknown; readonly service: string }[] = [];
      const tell = async (to: Subscription) => {
        const service = new URL(to.endpoint).host; // Whoever knows the rest of the address can push.
        try {
          const why = await sendTo(to, payloadOf(notice(to.locale), run.id), topic, signal, tools);
          if (why === null) isTaken = true;
          else if (await tools.subscriptions.remove(owner, to.digest))
            tools.log.warn({ runId: run.id, service, why }, "A browser's subscription is forgotten.");
        } catch (error) {
          failed.push({ error, service });
        }
      };
      await Promise.all(subscriptions.map(tell));
      // Another try would show it once more wherever it was taken.
      const worth = isTaken ? undefined : failed.find(({ error }) => !(error instanceof NotificationRefusedError));
      if (worth) throw worth.error;
      for (const { error, service } of failed) tools.log.warn({ error, runId: run.id, service }, "A browser could not be told, and is not told again.");
    },
  };
}

function asGiven({ endpoint, p256dh, auth }: Subscription) {
  return { endpoint, keys: { p256dh, auth } };
}

/** Whether anything can be encrypted for the browser: what is wrong with the app's own keys is no fault of its. */
function isReadable({ p256dh, auth }: Subscription): boolean {
  try {
    webPushLibrary.encrypt(p256dh, auth, "", "aes128gcm");
    return true;
  } catch {
    return false;
  }
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
