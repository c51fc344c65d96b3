import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { Workshop } from "../workshop.ts";
import { visitWithTray } from "./tray-visit.ts";

const browser = await openChromium();
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test("'Continue in background' leaves the run to the tray, which follows it to its end and leads on", async () => {
  await using visitor = await visitWithTray(browser, shop);
  const { page, tray, dialog } = visitor;
  await visitor.toBackground();
  expect(await dialog.count()).toBe(0);
  expect(await page.getByRole("button", { name: "Send" }).evaluate((button) => button.matches(":focus"))).toBe(true);
  const bar = tray.getByRole("progressbar", { name: "Tickets for Ada" });
  expect(await bar.getAttribute("aria-valuenow")).toBeNull();
  expect(await tray.getByRole("button", { expanded: true }).textContent()).toBe("1 task under way");
  shop.rows.let(2);
  await eventually(() => bar.getAttribute("aria-valuenow")).toBe("50");
  expect(await page.title()).toBe("(50 %) Box office");
  shop.rows.let(2);
  await tray.getByRole("link", { name: "Continue" }).waitFor();
  expect(await tray.locator(".status").textContent()).toBe("Made for Ada by main, 0 bytes");
  expect(await bar.count()).toBe(0);
  expect([await page.title(), page.url()]).toEqual(["Box office", `${shop.url}/`]);
  await tray.getByRole("link", { name: "Continue" }).click();
  await page.waitForURL("**/done");
});

test("the form once more: the dialog of the same run again", async () => {
  await using visitor = await visitWithTray(browser, shop);
  await visitor.toBackground();
  await visitor.send();
  await visitor.dialog.waitFor();
  expect(shop.count("POST /work")).toBe(1);
  shop.rows.let(4);
  await visitor.page.waitForURL("**/done");
});

test("it follows across pages, hears of what begins elsewhere, and offers what a run has left", async () => {
  await using visitor = await visitWithTray(browser, shop);
  const { page, tray } = visitor;
  await visitor.toBackground();
  await page.goto(`${shop.url}/elsewhere`);
  await eventually(visitor.names).toEqual(["Tickets for Ada"]);
  const [{ owner } = { owner: null }] = await shop.runs();
  const leaving = shop.errand.task({
    name: "leave",
    generateName: () => "Report",
    run: async (_, { artifacts }) => {
      await artifacts.file("report.csv", "a,b\n");
      await artifacts.url("https://tickets.example/3", "Preview");
    },
  });
  await leaving.start(null as never, { owner });
  await eventually(visitor.names).toEqual(["Report", "Tickets for Ada"]);
  const link = tray.getByRole("link", { name: "report.csv" });
  await link.waitFor();
  const downloading = page.waitForEvent("download");
  await link.click();
  expect((await downloading).suggestedFilename()).toBe("report.csv");
  expect(await tray.getByRole("link", { name: "Preview" }).getAttribute("rel")).toContain("noopener");
  shop.rows.let(4);
  await eventually(() => tray.locator(".status").allTextContents()).toEqual(["Succeeded", "Succeeded"]);
  expect(await tray.getByRole("button").first().textContent()).toBe("All done");
});

test("by keyboard: cancel, dismiss, and the focus is never lost; what was dismissed stays away", async () => {
  await using visitor = await visitWithTray(browser, shop);
  const { page, tray } = visitor;
  await visitor.toBackground();
  // From the form's button: the tray's own, the run's name, its Cancel.
  for (let press = 0; press < 3; press++) await page.keyboard.press("Tab");
  expect(await inTray(page)).toBe("Cancel: Tickets for Ada");
  await page.keyboard.press("Enter");
  await eventually(() => tray.locator(".status").textContent()).toBe("The task was canceled.");
  expect(await inTray(page)).toBe("Dismiss: Tickets for Ada");
  expect((await shop.runs()).map(({ state }) => state)).toEqual(["canceled"]);
  await page.keyboard.press("Enter");
  await tray.waitFor({ state: "detached" });
  await page.reload();
  await eventually(() => shop.streams).toBe(1);
  expect(await page.locator("errand-tray li").count()).toBe(0);
});

test("closed it stays closed on the next page, and says how far it is", async () => {
  await using visitor = await visitWithTray(browser, shop);
  const { page, tray } = visitor;
  await visitor.toBackground();
  await tray.getByRole("button", { expanded: true }).click();
  expect(await tray.getByRole("list").count()).toBe(0);
  await page.goto(`${shop.url}/elsewhere`);
  const toggle = tray.getByRole("button", { expanded: false });
  await toggle.waitFor();
  shop.rows.let(3);
  await eventually(() => toggle.textContent()).toBe("1 task under way75 %");
  await toggle.press("Enter");
  await tray.getByRole("progressbar").waitFor();
});

test("it says each quarter and the end once, and nothing again on the next page", async () => {
  await using visitor = await visitWithTray(browser, shop, {}, '<input type="hidden" name="steps" value="8">');
  const { page, tray } = visitor;
  await visitor.toBackground();
  for (const percentage of ["12", "25", "37", "50"]) {
    shop.rows.let(1);
    await eventually(() => tray.getByRole("progressbar").getAttribute("aria-valuenow")).toBe(percentage);
  }
  // The words of the next row may come with the quarter, or a moment after it.
  expect(await visitor.said()).toEqual([
    expect.stringMatching(/^Tickets for Ada: Row [23] of 8, Ada 25 %$/),
    expect.stringMatching(/^Tickets for Ada: Row [45] of 8, Ada 50 %$/),
  ]);
  await page.goto(`${shop.url}/elsewhere`);
  await eventually(visitor.names).toEqual(["Tickets for Ada"]);
  shop.rows.let(1);
  await eventually(() => tray.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("62");
  expect(await visitor.said()).toEqual([]);
  shop.rows.let(3);
  await eventually(visitor.said).toContain("Tickets for Ada: Succeeded");
});

test("whoever is signed in next in the same browser sees nothing of whom the stream was for", async () => {
  await using visitor = await visitWithTray(browser, shop);
  await visitor.toBackground();
  const context = visitor.page.context();
  await context.clearCookies();
  const next = await context.newPage();
  await next.goto(`${shop.url}/elsewhere`);
  // The page has been told, has asked, and was refused.
  await eventually(() => shop.requests.filter((request) => /^GET \/errand\/tasks\/[^/]+\/$/.test(request)).length).toBeGreaterThan(1);
  shop.rows.let(1);
  await eventually(() => visitor.tray.count()).toBe(1);
  expect(await next.locator("errand-tray .name").count()).toBe(0);
});

test("a notification at the end, for whoever asked for it and looks at something else", async () => {
  await using visitor = await visitWithTray(browser, shop);
  const { page, tray } = visitor;
  await page.context().grantPermissions(["notifications"], { origin: shop.url });
  await page.addInitScript(
    "globalThis.shown = []; globalThis.Notification = class { static permission = 'granted'; static requestPermission = async () => 'granted'; constructor(title, { body, tag }) { shown.push([title, body, tag]) } }; 0",
  );
  await page.goto(`${shop.url}/`);
  await visitor.toBackground();
  await tray.getByRole("button", { name: "Notify me at the end" }).click();
  await tray.getByRole("button", { name: "Notify me at the end" }).waitFor({ state: "detached" });
  await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true }); 0");
  shop.rows.let(4);
  const [{ id } = { id: "" }] = await shop.runs();
  await eventually(() => page.evaluate("shown")).toEqual([["Tickets for Ada", "Succeeded", `errand ${id}`]]);
  expect(await page.title()).toBe("✓ Box office");
  await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); 0");
  await eventually(() => page.title()).toBe("Box office");
});

test("where there is no stream it asks", async () => {
  await using visitor = await visitWithTray(browser, shop);
  await visitor.page.context().route("**/errand/events/", (route) => route.abort());
  await visitor.page.goto(`${shop.url}/`);
  await visitor.send();
  await eventually(() => visitor.page.locator("errand-tray .name").allTextContents()).toEqual(["Tickets for Ada"]);
  shop.rows.let(4);
  await visitor.page.waitForURL("**/done");
});

/** What has the focus in the tray. */
function inTray(page: Page): Promise<string> {
  return page.evaluate("document.querySelector('errand-tray').shadowRoot.activeElement?.getAttribute('aria-label') ?? ''");
}
