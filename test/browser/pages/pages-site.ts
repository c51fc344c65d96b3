import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { toNode } from "../../../src/adapters/node.ts";
import { openTaskSite, type TaskSite } from "../../web/pages/task-site.ts";

const SCRIPT = join(import.meta.dirname, "../../../dist/browser/errand-pages.js");
if (!existsSync(SCRIPT))
  throw new Error("dist/browser/errand-pages.js is missing, and these tests look at it in a browser: run `node scripts/build-browser.ts` first.");

export interface PagesSite extends TaskSite {
  /** Such as "http://127.0.0.1:41234/errand". */
  readonly url: string;
  /** Every request as "POST /errand/runs/…/cancel", in the order of arrival. */
  readonly requests: string[];
  /** When the script asked for news, ms of performance.now(). */
  readonly askedAt: number[];
  /** While true, every request is cut off. */
  outage: boolean;
}

/** The pages on a port of their own, with a real errand and a worker behind them. */
export async function openPagesSite(): Promise<PagesSite> {
  const site = await openTaskSite({}, { broker: "database", sweepEvery: "50ms" });
  const handler = toNode(site.web.handler);
  const server = createServer((incoming, outgoing) => {
    opened.requests.push(`${incoming.method} ${incoming.url}`);
    if (incoming.url?.includes("/live?")) opened.askedAt.push(performance.now());
    if (opened.outage) incoming.destroy();
    else void handler(incoming, outgoing);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const opened: PagesSite = {
    ...site,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/errand`,
    requests: [],
    askedAt: [],
    outage: false,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await site.close();
    },
  };
  return opened;
}

/** A page of somebody who is signed in, in Vienna, who reads British English. */
export async function pageOf(browser: Browser, user: string | undefined, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "Europe/Vienna",
    ...(user !== undefined && { extraHTTPHeaders: { "x-user": user } }),
    ...options,
  });
  return context.newPage();
}

/** Presses Tab until what has the focus is called `name`. @throws Error when it never is. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press("Tab");
    const called = await focused(page);
    if (typeof name === "string" ? called === name : name.test(called)) return;
    seen.push(called);
  }
  throw new Error(`Tab never came to ${name}, but to ${JSON.stringify(seen)}.`);
}

/** What has the focus, by its label or its text. */
export function focused(page: Page): Promise<string> {
  return page.evaluate("(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()");
}
