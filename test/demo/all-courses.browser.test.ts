import { expect, test } from "vitest";
import { axeFaults } from "../browser/pages/axe.ts";
import { openChromium, withoutScripts } from "../support/chromium.ts";
import { startDemo } from "./demo.ts";

const browser = await openChromium();

test.each([
  ["with JavaScript", true],
  ["without JavaScript", false],
])("%s: all courses in one zip, and how each was packed", async (_, hasScripts) => {
  const demo = await startDemo();
  const context = hasScripts ? await browser.newContext() : await withoutScripts(browser);
  const page = await context.newPage();
  await page.goto(demo.url);
  await page.getByRole("button", { name: "Export all courses" }).click();
  await page.waitForURL("**/courses/export-all/*");
  expect(await page.getByRole("status").textContent()).toBe("All 3 courses are packed, 14 sections in all.");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download all-courses.zip" }).click()]);
  expect(download.suggestedFilename()).toBe("all-courses.zip");
  if (hasScripts) expect(await axeFaults(page)).toEqual([]);
  await page.getByRole("link", { name: "How each course was packed" }).click();
  await page.getByRole("heading", { level: 1, name: "Export of all courses" }).waitFor();
  expect(await page.locator("#part-list .errand-part").count()).toBe(3);
  expect(await page.getByRole("link", { name: "all-courses.zip" }).count()).toBe(1);
  await context.close();
});
