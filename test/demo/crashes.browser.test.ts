import type { BrowserContext, Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium, withoutScripts } from "../support/chromium.ts";
import { portOf, startDemo, startWorker } from "./demo.ts";
import { passed, says } from "./ticket-page.ts";

const browser = await openChromium();
/** Short, so that the test need not wait for long; the workers' heartbeats come from threads of their own. */
const lease = { DEMO_LEASE: "2s" };
const ROWS = 300;
const timeout = 180_000;
const end = { timeout: 120_000 };
const resultPage = /\/tickets\/[0-9a-f-]{36}$/;

let context: BrowserContext;
let page: Page;

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
});

afterEach(() => context.close());

/** Sends a list of its own, so that the second attempt must find the file again. */
async function makeTickets(): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index) => `Attendee ${index},a${index}@example.org,Seat ${index}`);
  const buffer = Buffer.from(["name,email,seat", ...rows].join("\n"));
  await page.getByLabel("List of attendees").setInputFiles({ name: "guests.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Make tickets" }).click();
}

function heading(): Promise<string | null> {
  return page.getByRole("heading", { level: 1 }).textContent();
}

test("the server is killed in the middle and started again: the page says so, waits, and ends well", { timeout }, async () => {
  const first = await startDemo({ env: lease });
  await page.goto(first.url);
  await makeTickets();
  await passed(page, 0);
  await first.process.kill("SIGKILL");
  await says(page, /cannot reach the server/);
  await startDemo({ data: first.data, port: portOf(first), env: lease });
  await says(page, /Ticket \d+ of 300: /);
  await page.waitForURL(resultPage, end);
  expect(await heading()).toBe(`${ROWS} tickets made`);
  // The tickets of the attempt that was cut off are nowhere to be seen.
  expect(await page.getByRole("link", { name: "Download tickets.pdf" }).count()).toBe(1);
});

test("without JavaScript too, once the visitor reloads the page that the dead server could not give", { timeout }, async () => {
  const first = await startDemo({ env: lease });
  await context.close();
  context = await withoutScripts(browser);
  page = await context.newPage();
  await page.goto(first.url);
  await makeTickets();
  await says(page, /^\d+ of 300 steps$/);
  const waiting = page.url();
  await first.process.kill("SIGKILL");
  await startDemo({ data: first.data, port: portOf(first), env: lease });
  await page.goto(waiting);
  await page.waitForURL(resultPage, end);
  expect(await heading()).toBe(`${ROWS} tickets made`);
});

test("the worker is killed in the middle: the page says that it stopped, and a second one ends the run", { timeout }, async () => {
  const env = { ...lease, ERRAND_BROKER_URL: "database" };
  const demo = await startDemo({ env: { ...env, ERRAND_WORKER: "off" } });
  // Takes other runs than these, but notices when a worker is gone.
  await startWorker({ data: demo.data, env, args: ["--queues", "others"] });
  const worker = await startWorker({ data: demo.data, env });
  await page.goto(demo.url);
  await makeTickets();
  await passed(page, 0);
  await worker.kill("SIGKILL");
  await says(page, "The worker stopped; retrying, attempt 2 of 3.");
  const second = await startWorker({ data: demo.data, env });
  await page.waitForURL(resultPage, end);
  expect(await heading()).toBe(`${ROWS} tickets made`);
  expect(await second.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});
