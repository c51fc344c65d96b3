import { FormBody } from "../form-body.ts";
import { readBody } from "../read-body.ts";
import { notFound, Refusal } from "../refusal.ts";
import { json } from "../respond.ts";
import type { Site } from "../site.ts";
import { identified } from "./allowed-run.ts";

/** Longest body, bytes: a subscription is an address and two keys. */
const LONGEST = 8192;

/** GET push?digest=…: the key that browsers are to accept pushes of, and whether the browser of this digest is one of the asker's. 404 when nothing is pushed. */
export async function pushOffer(site: Site, request: Request): Promise<Response> {
  const { owner } = await identified(site, request);
  const publicKey = await site.errand.push.publicKey();
  if (publicKey === null) throw notFound();
  const digest = new URL(request.url).searchParams.get("digest");
  return json({ publicKey, subscribed: digest !== null && (await site.errand.push.has(owner as string, digest)) });
}

/** POST push: the browser's PushSubscription as JSON; from now on it is told of the ends of the asker's runs. */
export async function subscribePush(site: Site, request: Request): Promise<Response> {
  const { owner } = await identified(site, request);
  if (!site.errand.push.isOffered) throw notFound();
  const { endpoint, keys } = await posted(site, request);
  const { p256dh, auth } = (keys ?? {}) as Record<string, unknown>;
  if (typeof endpoint !== "string" || typeof p256dh !== "string" || typeof auth !== "string") throw new Refusal(400, { key: "web.push_refused" });
  const became = await site.errand.push.subscribe(owner as string, { endpoint, keys: { p256dh, auth } }, site.locale(request));
  if (became === "refused") throw new Refusal(400, { key: "web.push_refused" });
  if (became === "taken") throw new Refusal(409, { key: "web.push_taken" });
  return json({ subscribed: true });
}

/** POST push/forget: the same subscription; it is told no more. One that is not the asker's stays. */
export async function forgetPush(site: Site, request: Request): Promise<Response> {
  const { owner } = await identified(site, request);
  const { endpoint } = await posted(site, request);
  if (typeof endpoint !== "string") throw new Refusal(400, { key: "web.push_refused" });
  await site.errand.push.unsubscribe(owner as string, endpoint);
  return json({ subscribed: false });
}

async function posted(site: Site, request: Request): Promise<Readonly<Record<string, unknown>>> {
  // Not a form: a page of another site could send one with the owner's cookies where the browser says nothing of where it comes from.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) throw new Refusal(415, { key: "web.push_refused" });
  const body = new FormBody();
  await readBody(request, body, { limits: { ...site.limits, maxBody: LONGEST }, storage: site.errand.storage, prefix: "uploads" });
  return body.fields;
}
