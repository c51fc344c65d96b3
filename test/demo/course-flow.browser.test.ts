import { readFile } from "node:fs/promises";
import type { BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { openChromium, withoutScripts } from "../support/chromium.ts";
import { type Demo, startDemo } from "./demo.ts";
import { readZip } from "./read-zip.ts";

const browser = await openChromium();
const result = /\/courses\/1\/exports\/[0-9a-f-]{36}$/;

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

test.each([
  ["with JavaScript", () => browser.newContext()],
  ["without JavaScript", () => withoutScripts(browser)],
])("%s: from the home page to the course, its export, both downloads and My tasks", async (_, enter) => {
  const context: BrowserContext = await enter();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));

  await page.goto(demo.url);
  await page.getByRole("link", { name: /Running a small venue/ }).click();
  await page.getByText("Make the night pay").click();
  await page.getByRole("cell", { name: "Fee for the band" }).waitFor();
  await page.getByRole("button", { name: "Export course" }).click();
  await page.waitForURL(result);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Running a small venue, packed");
  expect(await page.getByRole("status").textContent()).toBe("The course is packed, all 7 sections of it.");

  const html = (await saved(page, "course.html")).toString();
  expect(html.match(/<section id=/g)).toHaveLength(7);
  expect(readZip(await saved(page, "course.zip")).get("course.html")).toBe(html);

  await page.getByRole("link", { name: "My tasks" }).click();
  await page.getByRole("link", { name: "Export of Running a small venue" }).first().waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

async function saved(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: `Download ${name}` }).click()]);
  expect(download.suggestedFilename()).toBe(name);
  return readFile(await download.path());
}
