import { beforeAll, expect, test } from "vitest";
import { openChromium, withoutScripts } from "../support/chromium.ts";
import { type Demo, startDemo } from "./demo.ts";

const browser = await openChromium();

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

test.each([
  ["with JavaScript", "Greenland", () => browser.newContext()],
  ["without JavaScript", "Canada", () => withoutScripts(browser)],
])("%s: a coast is chosen on the home page, measured and shown; a sum too", async (_, country, enter) => {
  const context = await enter();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));

  await page.goto(demo.url);
  await page.getByLabel("Country").selectOption({ label: country });
  await page.getByRole("button", { name: "Measure" }).click();
  // Perhaps the page that waits comes first, and leads here by itself.
  await page.getByRole("img", { name: `Outline of ${country}` }).waitFor();
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(country);
  expect(await page.getByText(/^[\d,]+ km$/).count()).toBeGreaterThan(10);
  await page.getByText(/^\d+ more$/).click();
  await page.getByRole("rowheader", { name: "100", exact: true }).waitFor();

  await page.getByRole("link", { name: "Back to the box office" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL(`${demo.url}/add/3/5/`);
  await page.getByText("8", { exact: true }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
