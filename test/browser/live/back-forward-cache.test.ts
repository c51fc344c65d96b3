import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { eventually, form, visit } from "../visit.ts";
import { Workshop } from "../workshop.ts";

/** Playwright switches the back-forward cache off unless it is told not to. */
const browser = await openChromium({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

const noteCache = "addEventListener('pageshow', ({ persisted }) => persisted && sessionStorage.setItem('cached', '1')); 0";

test("a waiting page that comes back after its form was sent asks how things are now", async () => {
  await using visitor = await visit(browser, shop, form("", "<button data-no-asynctask>Plainly</button>"));
  const { page, status } = visitor;
  await page.addInitScript(noteCache);
  await page.getByRole("button", { name: "Plainly" }).click();
  await eventually(() => status.textContent()).toBe("Row 1 of 4, Ada");
  await eventually(() => shop.streams).toBe(1);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL("**/failed");
  await eventually(() => shop.streams).toBe(0);
  const asked = shop.count("GET /work");
  await page.evaluate("setTimeout(() => history.back())");
  // Its run has ended, so that it leads on once more.
  await eventually(() => shop.count("GET /work")).toBeGreaterThan(asked);
  await page.waitForURL("**/failed");
});

test("a page with a stream goes into the cache, and hears again when it comes back", async () => {
  await using visitor = await visit(browser, shop, `${form()}<script type="module" src="/errand/errand-elements.js"></script><errand-tray></errand-tray>`);
  const { page, dialog } = visitor;
  await page.addInitScript(noteCache);
  await page.reload();
  await visitor.send();
  await page.locator("errand-tray .name").waitFor({ state: "attached" });
  await page.keyboard.press("Escape");
  await eventually(() => page.url()).toBe(`${shop.url}/`);
  expect(await dialog.count()).toBe(0);
  await page.goto(`${shop.url}/done`);
  await eventually(() => shop.streams).toBe(0);
  shop.rows.let(2);
  await page.evaluate("setTimeout(() => history.back())");
  await eventually(() => page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("50");
  expect(await page.evaluate("sessionStorage.getItem('cached')")).toBe("1");
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(2);
  await eventually(() => page.locator("errand-tray .status").textContent()).toBe("Made for Ada by main, 0 bytes");
});
