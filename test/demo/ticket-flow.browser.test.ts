import { readFile } from "node:fs/promises";
import type { BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openChromium, withoutScripts } from "../support/chromium.ts";
import { type Demo, startDemo } from "./demo.ts";
import { readPdf } from "./read-pdf.ts";
import { dialogOf, passed, says } from "./ticket-page.ts";

const browser = await openChromium();

let demo: Demo;
let context: BrowserContext;
let page: Page;
/** The address of every POST that the page sent. */
let posts: string[];
let faults: string[];

beforeAll(async () => {
  demo = await startDemo();
});

beforeEach(async () => {
  await enter(await browser.newContext());
});

afterEach(async () => {
  await context.close();
  expect(faults).toEqual([]);
});

async function enter(visitor: BrowserContext): Promise<void> {
  context = visitor;
  page = await context.newPage();
  posts = [];
  faults = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(new URL(request.url()).pathname));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(demo.url);
}

async function downloadedPages(): Promise<number> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download tickets.pdf" }).click()]);
  expect(download.suggestedFilename()).toBe("tickets.pdf");
  return readPdf(await readFile(await download.path())).length;
}

test("with JavaScript: the dialog shows how far it is, leads to the result, and the PDF can be saved", { timeout: 120_000 }, async () => {
  await page.getByRole("button", { name: "alice" }).click();
  await says(page, "Signed in as alice");
  await page.getByRole("button", { name: "Make tickets" }).click();
  const { dialog } = dialogOf(page);
  await dialog.waitFor();
  expect(await dialog.getAttribute("aria-label")).toBe("Making the tickets");
  const first = await passed(page, 0);
  const later = await passed(page, first);
  expect(later).toBeGreaterThan(first);
  expect(await dialog.textContent()).toMatch(/Ticket \d+ of 500: /);
  await page.waitForURL(/\/tickets\/[0-9a-f-]{36}$/, { timeout: 90_000 });
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("500 tickets made");
  expect(await page.getByRole("status").textContent()).toBe("All 500 tickets are ready.");
  expect(await downloadedPages()).toBe(500);

  // The form comes before the result in the history, not the check URL.
  await page.goBack();
  await page.waitForURL(`${demo.url}/`);
  expect(await dialogOf(page).dialog.isVisible()).toBe(false);
  await page.getByRole("button", { name: "Make tickets" }).waitFor();
});

test("without JavaScript: the page that waits reloads itself, counts, and leads to the result", { timeout: 120_000 }, async () => {
  await context.close();
  await enter(await withoutScripts(browser));
  await page.getByRole("button", { name: "Make tickets" }).click();
  await page.waitForURL(/\/tickets\?async_id=/);
  await says(page, /^\d+ of 500 steps$/);
  const read = async () => Number.parseInt((await page.getByText(/of 500 steps$/).textContent()) ?? "", 10);
  const first = await read();
  await page.waitForEvent("load");
  await says(page, /^\d+ of 500 steps$/);
  expect(await read()).toBeGreaterThan(first);
  await page.waitForURL(/\/tickets\/[0-9a-f-]{36}$/, { timeout: 90_000 });
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("500 tickets made");
  expect(await downloadedPages()).toBe(500);
  expect(posts).toEqual(["/tickets"]);
});

test("without JavaScript: Cancel on the page that waits ends the run", async () => {
  await context.close();
  await enter(await withoutScripts(browser));
  await page.getByRole("button", { name: "Make tickets" }).click();
  await page.waitForURL(/\/tickets\?async_id=/);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL(`${demo.url}/`);
  expect(await page.getByRole("alert").textContent()).toBe("The task was canceled.");
});

test("Cancel in the dialog ends the run and says so", async () => {
  await page.getByRole("button", { name: "Make tickets" }).click();
  await passed(page, 0);
  await dialogOf(page).button("Cancel").click();
  await says(page, "The task was canceled.");
  expect(new URL(page.url()).pathname).toBe("/");
  expect(posts.filter((path) => path === "/tickets")).toHaveLength(1);
});

test("a double click makes one run", async () => {
  await page.getByRole("button", { name: "Make tickets" }).dblclick();
  await passed(page, 0);
  expect(posts).toEqual(["/tickets"]);
  await dialogOf(page).button("Cancel").click();
  await says(page, "The task was canceled.");
});

test("the back button leaves the run going and the page usable", async () => {
  await sleep("600", "1000");
  await passed(page, 0);
  await page.goBack();
  await page.waitForURL(`${demo.url}/`);
  expect(await page.locator(":modal").count()).toBe(0);
  await page.getByRole("link", { name: "ABC12" }).click();
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Order ABC12");
  await page.goBack();
  await page.waitForURL(`${demo.url}/`);
  await page.getByRole("button", { name: "Make tickets" }).waitFor();
  expect(posts).toEqual(["/sleep"]);
});

test("a reload while it works gives the page that waits, which comes to the same end", async () => {
  await sleep("8", "80");
  await passed(page, 0);
  await page.reload();
  await says(page, /^\d+ of 80 steps$/);
  await page.waitForURL(`${demo.url}/`);
  expect(await page.getByRole("status").textContent()).toBe("Slept for 8 s, in 80 steps.");
  expect(posts).toEqual(["/sleep"]);
});

async function sleep(seconds: string, steps: string): Promise<void> {
  await page.getByLabel("Seconds").fill(seconds);
  await page.getByLabel("Steps").fill(steps);
  await page.getByRole("button", { name: "Sleep" }).click();
}

test("a list that will not do is said on the page, and nothing that was typed elsewhere is lost", async () => {
  await page.getByLabel("List of attendees").setInputFiles({ name: "guests.csv", mimeType: "text/csv", buffer: Buffer.from("who,mail\nA,a@example.org\n") });
  await page.getByRole("button", { name: "Make tickets" }).click();
  await says(page, /column/);
  expect(await page.getByRole("alert").textContent()).toMatch(/name, email,? and seat/);
});

test("a wrong number is said by its field", async () => {
  await page.locator('form[action="/sleep"]').evaluate((form) => form.setAttribute("novalidate", ""));
  await page.getByLabel("Seconds").fill("601");
  await page.getByRole("button", { name: "Sleep" }).click();
  await says(page, "Enter a number of seconds from 0 to 600.");
  expect(await page.getByLabel("Seconds").getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByLabel("Seconds").inputValue()).toBe("601");
  expect(faults.splice(0)).toEqual([expect.stringContaining("422")]);
});

test("an order is canceled from its page, once", async () => {
  await page.getByRole("link", { name: "GHJ56" }).click();
  await page.getByRole("button", { name: "Cancel this order" }).click();
  await says(page, "Order GHJ56 has been canceled.");
  await page.getByRole("button", { name: "Cancel this order" }).click();
  await says(page, "This order is already canceled.");
  expect(page.url()).toBe(`${demo.url}/orders/GHJ56`);
});
