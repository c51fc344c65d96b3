/** The service worker errand-push-worker.js: shows what is pushed, also when no page is open, and leads to it. */

interface Pushed {
  readonly title: string;
  readonly body: string;
  /** The run's page. */
  readonly url: string | null;
  /** A notice with the same takes its place. */
  readonly tag: string;
}

interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface PushEvent extends WorkerEvent {
  readonly data: { json(): Pushed } | null;
}

interface ClickEvent extends WorkerEvent {
  readonly notification: Notification;
}

interface ChangeEvent extends WorkerEvent {
  readonly oldSubscription?: PushSubscription | null;
}

interface Page {
  readonly url: string;
  focus(): Promise<unknown>;
}

interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { matchAll(options: object): Promise<readonly Page[]>; openWindow(url: string): Promise<unknown> };
  addEventListener<Kind extends Event>(name: string, listener: (event: Kind) => void): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.addEventListener<PushEvent>("push", (event) => {
  const { title, body, tag, url } = event.data?.json() ?? { title: "", body: "", tag: "", url: null };
  event.waitUntil(scope.registration.showNotification(title, { body, tag, data: url }));
});

scope.addEventListener<ClickEvent>("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data as string | null;
  if (url) event.waitUntil(show(url));
});

scope.addEventListener<ChangeEvent>("pushsubscriptionchange", (event) => {
  const key = event.oldSubscription?.options.applicationServerKey;
  if (key) event.waitUntil(subscribeAgain(key));
});

async function show(url: string): Promise<void> {
  const pages = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = pages.find((page) => page.url.split("#")[0] === url);
  await (open ? open.focus() : scope.clients.openWindow(url));
}

async function subscribeAgain(applicationServerKey: ArrayBuffer): Promise<void> {
  const subscription = await scope.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await fetch(new URL("push/", scope.registration.scope), {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(subscription),
  });
}
