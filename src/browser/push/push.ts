/**
 * The module errand-push.js: whether this browser is told of the ends of runs when no page is open, and the way to begin and to end that. Loaded
 * when a page offers it.
 */

/** "unavailable": the browser cannot, or the site does not. "denied": its user has said no, and only they can take that back. */
export type PushState = "unavailable" | "off" | "on" | "denied";

interface Offer {
  readonly publicKey: string;
  /** Whether the browser that was asked about is one of whoever is signed in. */
  readonly subscribed: boolean;
}

/** How it is for whoever is signed in. `mount`: where Errand is mounted, with a slash at its end, or anything right below. */
export async function pushState(mount: string): Promise<PushState> {
  try {
    if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis)) return "unavailable";
    const subscription = await (await registered(mount))?.pushManager.getSubscription();
    const offer = await askFor(mount, subscription);
    if (!offer) return "unavailable";
    if (Notification.permission === "denied") return "denied";
    return subscription && offer.subscribed ? "on" : "off";
  } catch {
    return "unavailable";
  }
}

/** Asks the user, subscribes the browser and tells the site. To be called at a click or a key. */
export async function turnOn(mount: string): Promise<PushState> {
  const permission = await Notification.requestPermission();
  if (permission !== "granted") return permission === "denied" ? "denied" : "off";
  try {
    const offer = await askFor(mount, null);
    if (!offer) return "unavailable";
    await navigator.serviceWorker.register(new URL("errand-push-worker.js", mount).href);
    const { pushManager } = await active(mount);
    const subscription = await subscribe(pushManager, offer.publicKey);
    if (await tell(mount, "push/", subscription)) return "on";
  } catch {
    // The push service could not be reached, or the site: nothing was begun.
  }
  return "off";
}

/** The browser is told no more. */
export async function turnOff(mount: string): Promise<PushState> {
  const subscription = await (await registered(mount))?.pushManager.getSubscription();
  if (!subscription) return "off";
  if (!(await tell(mount, "push/forget/", subscription))) return "on";
  await subscription.unsubscribe();
  return "off";
}

/** With keys that the site has no more, a subscription is of no use: it is made anew. */
async function subscribe(pushManager: PushManager, publicKey: string): Promise<PushSubscription> {
  const applicationServerKey = bytesOf(publicKey);
  const known = await pushManager.getSubscription();
  const key = known?.options.applicationServerKey;
  if (known && key && String(new Uint8Array(key)) === String(applicationServerKey)) return known;
  await known?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

/** Not a worker of the app's own, which may be for more than what lies below `mount`. */
async function registered(mount: string): Promise<ServiceWorkerRegistration | undefined> {
  const scope = new URL(".", mount).href;
  const registration = await navigator.serviceWorker.getRegistration(scope);
  return registration?.scope === scope ? registration : undefined;
}

/** The page itself may lie outside of what the worker is for, where `ready` never comes. */
async function active(mount: string): Promise<ServiceWorkerRegistration> {
  const registration = (await registered(mount)) as ServiceWorkerRegistration;
  const worker = registration.installing ?? registration.waiting;
  if (worker && !registration.active) await new Promise<void>((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
  return registration;
}

async function askFor(mount: string, subscription: PushSubscription | null | undefined): Promise<Offer | undefined> {
  const url = new URL("push/", mount);
  if (subscription) url.searchParams.set("digest", await digestOf(subscription.endpoint));
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  return response.ok ? ((await response.json()) as Offer) : undefined;
}

async function tell(mount: string, path: string, subscription: PushSubscription): Promise<boolean> {
  const response = await fetch(new URL(path, mount), {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(subscription),
  });
  return response.ok;
}

async function digestOf(endpoint: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return btoa(String.fromCharCode(...digest))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
