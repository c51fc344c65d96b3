import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { toNode } from "../../src/adapters/node.ts";
import { createErrand, type Errand, type Log } from "../../src/index.ts";
import { emailNotifier } from "../../src/notifiers/email.ts";
import { webPush } from "../../src/notifiers/web-push.ts";
import { errandWeb } from "../../src/web/index.ts";
import { openChromium } from "../support/chromium.ts";
import { PushBrowser } from "../support/push-browser.ts";
import { SmtpServer } from "../support/smtp.ts";
import { freshDatabase } from "../support/temp.ts";
import { PlainChromium } from "./live/plain-chromium.ts";
import { eventually } from "./visit.ts";

const browser = await openChromium();
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A site whose owners are mailed when nobody watches. Who asks is the cookie "user"; `/app` is a page of the app with a tray, `/other` one without. */
class Site {
  readonly file = freshDatabase();
  readonly ends = new Map<string, () => void>();
  readonly smtp: SmtpServer;
  readonly errand: Errand;
  url = "";
  /** Streams that were opened by a browser at which nobody looks. */
  hiddenStreams = 0;

  private constructor(smtp: SmtpServer) {
    this.smtp = smtp;
    this.errand = createErrand({
      database: `file:${this.file}`,
      log: quiet,
      notify: {
        channels: [
          emailNotifier({ transport: smtp.url, from: "tickets@box-office.example" }),
          webPush({ subject: "mailto:admin@box-office.example", allowPrivateAddresses: true }),
        ],
        to: (owner) => (owner.startsWith("visitor:") ? null : { email: `${owner}@example.org` }),
        when: "absent",
      },
    });
  }

  static async open(): Promise<Site> {
    const site = new Site(await SmtpServer.start());
    await site.#serve();
    return site;
  }

  async #serve(): Promise<void> {
    const web = errandWeb(this.errand, {
      identify: (request) => {
        const id = /user=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1];
        return id === undefined ? null : { id };
      },
    });
    this.#task = this.errand.task({
      name: "tickets",
      generateName: (input) => `Tickets of ${input}`,
      run: (input) => new Promise((ended) => this.ends.set(String(input), () => ended(null))),
    });
    const tray = '<script type="module" src="/errand/errand-elements.js"></script><errand-tray notify></errand-tray>';
    const pages: Record<string, string> = { "/app": tray, "/other": "Nothing to do with it." };
    const answer = async (request: Request) => {
      const path = new URL(request.url).pathname;
      if (path.endsWith("/events/") && request.headers.get("errand-page") === "hidden") this.hiddenStreams += 1;
      const html = pages[path];
      return html === undefined ? web.handler(request) : new Response(`<!doctype html><html lang="en">${html}`, { headers: { "content-type": "text/html" } });
    };
    await this.errand.start();
    const server = createServer(toNode(answer));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(async () => {
      server.closeAllConnections();
      await Promise.all([new Promise((closed) => server.close(closed)), this.errand.close({ grace: 0 })]);
    });
  }

  #task!: ReturnType<Errand["task"]>;

  async start(owner: string): Promise<void> {
    await this.#task.start(owner as never, { owner });
    await eventually(() => this.ends.has(owner)).toBe(true);
  }

  /** Ends the run, and one that nobody watches: once a mail tells of that, what becomes of the first was decided. */
  async end(owner: string): Promise<string[]> {
    await this.start("nobody");
    const before = this.#controls;
    for (const ending of [owner, "nobody"]) this.ends.get(ending)?.();
    this.ends.clear();
    await eventually(() => this.#controls).toBe(before + 1);
    await eventually(() => this.#count("errand_stops WHERE due_at > 0")).toBe(0);
    return this.mails.filter((name) => name !== "nobody");
  }

  get #controls(): number {
    return this.mails.filter((name) => name === "nobody").length;
  }

  get mails(): string[] {
    return this.smtp.mails.map(({ to }) => (to[0] as string).split("@")[0] as string);
  }

  /** Once the store knows that a page of the owner's watches, or that none does. */
  watching(owner: string, isThere: boolean) {
    return eventually(() => this.#count(`errand_presence WHERE owner = '${owner}' AND until > ${Date.now()}`) > 0).toBe(isThere);
  }

  #count(from: string): number {
    const db = new DatabaseSync(this.file, { readOnly: true });
    try {
      return (db.prepare(`SELECT count(*) AS count FROM ${from}`).get() as { count: number }).count;
    } finally {
      db.close();
    }
  }
}

test("a page that is open and looked at sees the end: no mail; once it is closed: exactly one", async () => {
  const site = await Site.open();
  await using context = await browser.newContext();
  await context.addCookies([{ name: "user", value: "ann", url: site.url }]);
  const page = await context.newPage();
  await site.start("ann");
  await page.goto(`${site.url}/errand/`);
  await page.getByText("Tickets of ann").waitFor();
  await site.watching("ann", true);
  expect(await site.end("ann")).toEqual([]);
  await site.start("ann");
  await page.close();
  await site.watching("ann", false);
  expect(await site.end("ann")).toEqual(["ann"]);
});

test("an anonymous visitor has no address: nothing is sent", async () => {
  const site = await Site.open();
  await site.start("visitor:1");
  expect(await site.end("visitor:1")).toEqual([]);
});

test("tabs that nobody looks at are nobody watching; one of them that somebody looks at is enough", { timeout: 180_000 }, async () => {
  const site = await Site.open();
  await using chromium = await PlainChromium.open();
  const { context } = chromium;
  await context.addCookies([{ name: "user", value: "ann", url: site.url }]);
  await site.start("ann");
  const opening = await context.newPage();
  await opening.clock.install();
  const leader = await tab(site, opening);
  await site.watching("ann", true);
  const follower = await tab(site, context.newPage());
  await eventually(() => leader.evaluate("document.hidden")).toBe(true);
  // The one that holds the stream asks from time to time, and the other says that it is looked at.
  await leader.clock.fastForward(31_000);
  await follower.evaluate("new Promise(requestAnimationFrame)");
  await leader.clock.fastForward(6000);
  await leader.evaluate("0");
  await follower.reload();
  await site.watching("ann", true);
  expect(site.hiddenStreams).toBe(0);
  const elsewhere = await context.newPage();
  await elsewhere.goto(`${site.url}/other`);
  await eventually(() => follower.evaluate("document.hidden")).toBe(true);
  await site.watching("ann", false);
  // The one that holds the stream stays in the background.
  await follower.bringToFront();
  await site.watching("ann", true);
  await elsewhere.bringToFront();
  await site.watching("ann", false);
  expect(await site.end("ann")).toEqual(["ann"]);
  await eventually(() => leader.locator("errand-tray").getByText("All done").count()).toBe(1);
});

async function tab(site: Site, opening: Promise<Page> | Page): Promise<Page> {
  const page = await opening;
  await page.goto(`${site.url}/app`);
  await page.locator("errand-tray").getByText("Tickets of ann").waitFor({ state: "attached" });
  return page;
}

/** Chromium has no push service here: what `subscribe` would return is given to it. The rest is the browser's own. */
function pushService(json: object): string {
  return `{
    let current = null;
    const subscription = { ...${JSON.stringify(json)}, options: {}, unsubscribe: async () => ((current = null), true) };
    subscription.toJSON = () => (${JSON.stringify(json)});
    PushManager.prototype.subscribe = async () => (current = subscription);
    PushManager.prototype.getSubscription = async () => current;
  }`;
}

test("the button of the pages subscribes and unsubscribes, by keyboard, and says so", async () => {
  const site = await Site.open();
  const { subscription } = new PushBrowser("http://127.0.0.1:9/push");
  await using context = await browser.newContext();
  await context.addCookies([{ name: "user", value: "ann", url: site.url }]);
  await context.grantPermissions(["notifications"], { origin: site.url });
  await context.addInitScript(pushService(subscription));
  const page = await context.newPage();
  await page.goto(`${site.url}/errand/`);
  const button = page.getByRole("button", { name: "Tell me when it is done" });
  await button.waitFor();
  expect(await button.getAttribute("aria-pressed")).toBe("false");
  await button.focus();
  await page.keyboard.press("Enter");
  await eventually(() => button.getAttribute("aria-pressed")).toBe("true");
  expect(await page.locator("[data-errand-push] [role=status]").textContent()).toMatch(/You will be told in this browser/);
  await button.focus();
  await page.keyboard.press("Space");
  await eventually(() => button.getAttribute("aria-pressed")).toBe("false");
  expect(await site.errand.push.unsubscribe("ann", subscription.endpoint)).toBe(false);
});

test("the tray's offer subscribes to Web Push where the site has it", async () => {
  const site = await Site.open();
  const { subscription } = new PushBrowser("http://127.0.0.1:9/push");
  await using context = await browser.newContext();
  await context.addCookies([{ name: "user", value: "ann", url: site.url }]);
  await context.grantPermissions(["notifications"], { origin: site.url });
  await context.addInitScript(pushService(subscription));
  await site.start("ann");
  const page = await context.newPage();
  await page.goto(`${site.url}/app`);
  const offer = page.getByRole("button", { name: "Notify me at the end" });
  await offer.focus();
  await page.keyboard.press("Enter");
  await offer.waitFor({ state: "hidden" });
  await eventually(() => site.errand.push.unsubscribe("ann", subscription.endpoint)).toBe(true);
});

test("who has forbidden notifications is told where to allow them", async () => {
  const site = await Site.open();
  await using context = await browser.newContext();
  await context.addCookies([{ name: "user", value: "ann", url: site.url }]);
  await context.addInitScript("Object.defineProperty(Notification, 'permission', { value: 'denied' })");
  const page = await context.newPage();
  await page.goto(`${site.url}/errand/`);
  await page.getByText("This browser blocks notifications").waitFor();
  expect(await page.getByRole("button", { name: "Tell me when it is done" }).count()).toBe(0);
});

test("the service worker shows what is pushed, and a notice of the same run takes its place", async () => {
  const site = await Site.open();
  await using context = await browser.newContext();
  await context.addCookies([{ name: "user", value: "ann", url: site.url }]);
  await context.grantPermissions(["notifications"], { origin: site.url });
  const page = await context.newPage();
  await page.goto(`${site.url}/errand/`);
  const cdp = await context.newCDPSession(page);
  const registered = new Promise<string>((found) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [registration] = registrations as { registrationId: string }[];
      if (registration) found(registration.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  await page.evaluate("navigator.serviceWorker.register('/errand/errand-push-worker.js').then(() => navigator.serviceWorker.ready).then(() => 0)");
  const registrationId = await registered;
  const push = (title: string) =>
    cdp.send("ServiceWorker.deliverPushMessage", {
      origin: site.url,
      registrationId,
      data: JSON.stringify({ title, body: "a.pdf", url: null, tag: "errand 1" }),
    });
  const shown = () =>
    page.evaluate(
      "navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map(({ title, body, tag }) => [title, body, tag]))",
    );
  // A worker that is not quite active yet hears nothing; a push that comes twice shows one notice.
  const shownAfter = (title: string) => async () => {
    await push(title);
    return shown();
  };
  await eventually(shownAfter("Done: <b>Tickets</b>")).toEqual([["Done: <b>Tickets</b>", "a.pdf", "errand 1"]]);
  await eventually(shownAfter("Done: again")).toEqual([["Done: again", "a.pdf", "errand 1"]]);
});
