import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../support/chromium.ts";
import { eventually, form, styleOf, visit } from "./visit.ts";
import { Workshop } from "./workshop.ts";

const browser = await openChromium();
const javaScriptEnabled = false;
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test("without scripts: the page asks for itself, shows how far it is, and goes on with the message", async () => {
  await using visitor = await visit(browser, shop, form(), { javaScriptEnabled });
  const { page } = visitor;
  await visitor.send();
  await eventually(() => page.locator("main").textContent()).toContain("Row 1 of 4, Ada");
  expect(await page.locator("main").textContent()).toContain("Last change:");
  shop.rows.let(2);
  await eventually(() => page.locator("main").textContent()).toContain("2 of 4 steps");
  shop.rows.let(2);
  await page.waitForURL("**/done");
  expect(await page.locator("#flash").textContent()).toBe("Made for Ada by main, 0 bytes");
});

test("without scripts: Cancel, then the page for that", async () => {
  await using visitor = await visit(browser, shop, form(), { javaScriptEnabled });
  const { page } = visitor;
  await visitor.send();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL("**/failed");
  expect(await page.locator("#flash").textContent()).toBe("The task was canceled.");
  expect((await shop.runs()).map(({ state }) => state)).toEqual(["canceled"]);
});

test("without scripts: a form that will not do gives a page that says why and leads back", async () => {
  await using visitor = await visit(browser, shop, form().replace("Ada", "refused"), { javaScriptEnabled });
  const { page } = visitor;
  await visitor.send();
  expect(await page.getByRole("alert").textContent()).toContain("nothing was started");
  expect(await page.locator("dd").textContent()).toBe("Nothing is sold today.");
  await page.getByRole("link").click();
  expect(page.url()).toBe(`${shop.url}/`);
});

test("with scripts: Cancel on the waiting page, then the page for that", async () => {
  await using visitor = await visit(browser, shop, form("", "<button data-no-asynctask>Plainly</button>"));
  const { page } = visitor;
  await page.getByRole("button", { name: "Plainly" }).click();
  await page.locator("main.errand-page").waitFor();
  expect(await page.getByText("Last change:").isVisible()).toBe(false);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL("**/failed");
  expect(await page.locator("#flash").textContent()).toBe("The task was canceled.");
});

test("with scripts: the bar gets its number, and a screen reader hears of quarters", async () => {
  await using visitor = await visit(browser, shop, form("", '<input type="hidden" name="steps" value="8"><button data-no-asynctask>Plainly</button>'));
  const { page, status } = visitor;
  await page.getByRole("button", { name: "Plainly" }).click();
  await eventually(() => status.textContent()).toBe("Row 1 of 8, Ada");
  const spoken = page.getByRole("status");
  await eventually(() => spoken.textContent()).toContain("Row 1 of 8, Ada");
  shop.rows.let(2);
  await eventually(() => status.textContent()).toBe("Row 3 of 8, Ada");
  // The words of the next row may come with the quarter, or a moment after it.
  const said = await spoken.textContent();
  expect(said).toMatch(/^Row [23] of 8, Ada 25 %$/);
  shop.rows.let(1);
  await eventually(() => status.textContent()).toBe("Row 4 of 8, Ada");
  expect(await spoken.textContent()).toBe(said);
  const bar = page.getByRole("progressbar");
  await eventually(() => bar.evaluate((progress) => Math.round((progress as unknown as { position: number }).position * 100))).toBe(37);
});

test.for(["light", "dark"] as const)("a %s page that fits a screen 320 pixels wide", async (colorScheme) => {
  const long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(2);
  await using visitor = await visit(browser, shop, form().replace("Ada", long), { viewport: { width: 320, height: 480 }, colorScheme, javaScriptEnabled });
  const { page } = visitor;
  await visitor.send();
  await page.getByRole("heading", { name: "We are processing your request …" }).waitFor();
  const root = page.locator("html");
  expect(await root.evaluate((element) => element.scrollWidth)).toBe(320);
  expect(await styleOf(page.locator("main"), ["backgroundColor"])).toEqual([colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(31, 34, 38)"]);
});
