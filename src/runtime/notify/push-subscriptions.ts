import { createHash, ECDH } from "node:crypto";
import type { Notifier, NotifyTools } from "../../core/notify.ts";

/** Browsers of one owner; the oldest makes room. */
const MOST = 10;
const LONGEST_ENDPOINT = 2000;

/** A browser's PushSubscription, as its `toJSON()` gives it: untrusted. */
export interface BrowserSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** The browsers that want to be told, for the routes by which they subscribe. It asks nobody for permission: `owner` is who is asking. */
export interface PushSubscriptions {
  /** Whether any channel pushes. */
  readonly isOffered: boolean;
  /** The key that a browser is to accept pushes of; null when no channel pushes. */
  publicKey(): Promise<string | null>;
  /** "refused": no address that may be pushed to, or keys that are none. "taken": somebody else's. */
  subscribe(owner: string, subscription: BrowserSubscription, locale: string): Promise<"kept" | "refused" | "taken">;
  /** Whether the browser whose address has this SHA-256, base64url, is the owner's. */
  has(owner: string, digest: string): Promise<boolean>;
  /** False when the owner has no such browser. */
  unsubscribe(owner: string, endpoint: string): Promise<boolean>;
}

/** The browsers of the channels that push, of which there is one at most. */
export function pushSubscriptions(channels: readonly Notifier[], tools: () => Promise<NotifyTools>): PushSubscriptions {
  const push = channels.find((channel) => channel.push)?.push;
  return {
    isOffered: push !== undefined,
    publicKey: async () => (push ? push.publicKey(await tools()) : null),
    async subscribe(owner, { endpoint, keys: { p256dh, auth } }, locale) {
      if (!push || !isAddress(endpoint) || !push.accepts(endpoint) || !isPoint(p256dh) || !isKey(auth, 16)) return "refused";
      const { subscriptions } = await tools();
      return (await subscriptions.keep(owner, { digest: digestOf(endpoint), endpoint, p256dh, auth, locale }, MOST)) ? "kept" : "taken";
    },
    has: async (owner, digest) => (await (await tools()).subscriptions.of(owner)).some((subscription) => subscription.digest === digest),
    unsubscribe: async (owner, endpoint) => (await tools()).subscriptions.remove(owner, digestOf(endpoint)),
  };
}

function digestOf(endpoint: string): string {
  return createHash("sha256").update(endpoint).digest("base64url");
}

/** As browsers write it: one address, one way. */
function isAddress(endpoint: string): boolean {
  return endpoint.length <= LONGEST_ENDPOINT && URL.canParse(endpoint) && new URL(endpoint).href === endpoint;
}

/** Exactly so many bytes as base64url. */
function isKey(text: string, bytes: number): boolean {
  return /^[\w-]+$/.test(text) && text.length <= 100 && Buffer.from(text, "base64url").length === bytes;
}

/** A point of P-256 that is not compressed: with anything else nothing can be encrypted. */
function isPoint(text: string): boolean {
  if (!isKey(text, 65)) return false;
  const point = Buffer.from(text, "base64url");
  try {
    return point[0] === 4 && ECDH.convertKey(point, "prime256v1").length === 65;
  } catch {
    return false;
  }
}
