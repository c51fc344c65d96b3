import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../support/chromium.ts";
import { eventually, form, partsOf, visit } from "./visit.ts";
import { Workshop } from "./workshop.ts";

const browser = await openChromium();
/** Playwright switches the back-forward cache off unless it is told not to. */
const withCache = await openChromium({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test("a reload in the middle gives the waiting page, which needs no further reload", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, bar, status } = visitor;
  // So that it asks as often as it can.
  await page.route("**/errand/events/", (route) => route.abort());
  await visitor.send();
  shop.rows.let(1);
  await eventually(() => bar.getAttribute("aria-valuenow")).toBe("25");
  await page.reload();
  await page.getByRole("heading", { name: "We are processing your request …" }).waitFor();
  await page.evaluate("globalThis.sameDocument = true");
  const checks = shop.count("GET /work");
  shop.rows.let(2);
  await eventually(() => status.textContent()).toBe("Row 4 of 4, Ada");
  expect(await page.locator("progress").evaluate((progress) => (progress as unknown as { position: number }).position)).toBe(0.75);
  expect(await page.locator(".errand-progress span").textContent()).toBe("75 %");
  // The page without scripts asks for itself each second, and each of these checks takes 250 ms or more.
  await eventually(() => shop.count("GET /work") - checks).toBeGreaterThan(8);
  expect(await page.evaluate("globalThis.sameDocument")).toBe(true);
  shop.rows.let(1);
  await page.waitForURL("**/done");
  expect(await page.locator("#flash").textContent()).toBe("Made for Ada by main, 0 bytes");
});

test("the back button leaves the run going, and forward leads to it again", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog } = visitor;
  await visitor.send();
  await dialog.getByRole("button", { name: "Cancel" }).waitFor();
  await page.evaluate("history.back()");
  await eventually(() => dialog.evaluate((element) => element.matches(":modal"))).toBe(false);
  expect(page.url()).toBe(`${shop.url}/`);
  await page.evaluate("history.forward()");
  await page.getByRole("heading", { name: "We are processing your request …", level: 1 }).waitFor();
  shop.rows.let(4);
  await page.waitForURL("**/done");
  expect(shop.count("POST /work")).toBe(1);
});

test("back from the page after it leads to the form, ready to be used", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog } = visitor;
  shop.rows.let(8);
  await visitor.send();
  await page.waitForURL("**/done");
  await page.goBack();
  expect(page.url()).toBe(`${shop.url}/`);
  await visitor.send();
  await page.waitForURL("**/done");
  expect(await dialog.count()).toBe(0);
  expect(shop.count("POST /work")).toBe(2);
});

test("out of the back-forward cache comes the form, ready to be used", async () => {
  await using visitor = await visit(withCache, shop, form().replace("/work", "/patient"));
  const { page, dialog } = visitor;
  await page.evaluate("addEventListener('pageshow', ({ persisted }) => (globalThis.isFromCache = persisted)); 0");
  shop.rows.let(8);
  await visitor.send();
  await eventually(() => page.locator("#end").count()).toBe(1);
  await page.evaluate("setTimeout(() => history.back())");
  await eventually(() => page.evaluate("globalThis.isFromCache")).toBe(true);
  await dialog.waitFor({ state: "detached" });
  await visitor.send();
  await eventually(() => page.locator("#end").count()).toBe(1);
  expect((await shop.runs()).map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
});

test("whoever comes back to a run out of the back-forward cache sees how it is now", async () => {
  await using visitor = await visit(withCache, shop, form());
  const { page, status } = visitor;
  await visitor.send();
  await eventually(() => status.textContent()).toBe("Row 1 of 4, Ada");
  await page.goto(`${shop.url}/failed`);
  shop.rows.let(2);
  await page.evaluate("setTimeout(() => history.back())");
  await page.getByRole("heading", { level: 1, name: "We are processing your request …" }).waitFor();
  await eventually(() => status.textContent()).toBe("Row 3 of 4, Ada");
});

test("a server that is restarted: the page says so, keeps trying, and comes to the end", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, bar, status } = visitor;
  await visitor.send();
  shop.rows.let(2);
  await eventually(() => bar.getAttribute("aria-valuenow")).toBe("50");
  await shop.stop();
  await eventually(() => status.textContent()).toBe("We cannot reach the server. We keep trying.");
  expect(await bar.getAttribute("aria-valuenow")).toBe("50");
  await shop.start();
  await eventually(() => status.textContent()).toContain("Row 1 of 4");
  shop.rows.let(4);
  await page.waitForURL("**/done");
  expect((await shop.runs()).map(({ state, attempt }) => [state, attempt])).toEqual([["succeeded", 2]]);
});

test("a server in trouble: the page says with which error, and goes on when it is over", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog, status } = visitor;
  await visitor.send();
  await eventually(() => status.textContent()).toBe("Row 1 of 4, Ada");
  shop.outage = 503;
  await eventually(() => status.textContent()).toBe("We cannot reach the server. We keep trying. (503)");
  expect(await dialog.getByRole("status").textContent()).toContain("We keep trying. (503)");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await eventually(() => shop.requests.some((request) => request.endsWith("/cancel/"))).toBe(true);
  await eventually(() => dialog.getByRole("button", { name: "Cancel", exact: true }).isEnabled()).toBe(true);
  shop.outage = undefined;
  shop.rows.let(4);
  await page.waitForURL("**/done");
});

test("the waiting page keeps trying too", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, status } = visitor;
  await visitor.send();
  await eventually(() => status.textContent()).toBe("Row 1 of 4, Ada");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "We are processing your request …" }).waitFor();
  shop.outage = 500;
  await eventually(() => status.textContent()).toBe("We cannot reach the server. We keep trying. (500)");
  shop.outage = undefined;
  shop.rows.let(4);
  await page.waitForURL("**/done");
});

test("a form that cannot be sent stays as it is, and can be sent later", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog, status } = visitor;
  await page.getByLabel("Note").fill("typed with care");
  shop.outage = 503;
  await visitor.send();
  await dialog.getByRole("heading", { name: "This did not work" }).waitFor();
  expect(await status.textContent()).toBe("The server answered with an error: 503");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await shop.stop();
  await visitor.send();
  await dialog.getByRole("heading", { name: "This did not work" }).waitFor();
  expect(await status.textContent()).toBe("We cannot reach the server. Please try again.");
  expect(await dialog.getByRole("button", { name: "Close" }).evaluate((button) => button.matches(":focus"))).toBe(true);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  shop.outage = undefined;
  await shop.start();
  shop.rows.let(4);
  await visitor.send();
  await page.waitForURL("**/done");
  expect(await page.locator("#flash").textContent()).toBe("Made for typed with care by main, 0 bytes");
});

test("two tabs of one visitor do not disturb each other", async () => {
  await using visitor = await visit(browser, shop, form());
  const other = partsOf(await visitor.page.context().newPage());
  await other.page.goto(shop.url);
  await visitor.send();
  await eventually(() => visitor.status.textContent()).toBe("Row 1 of 4, Ada");
  await other.page.getByLabel("Note").fill("Grace");
  await other.send();
  await eventually(() => other.status.textContent()).toBe("Row 1 of 4, Grace");
  await visitor.dialog.getByRole("button", { name: "Cancel" }).click();
  await visitor.page.waitForURL("**/failed");
  shop.rows.let(4);
  await other.page.waitForURL("**/done");
  expect((await shop.runs()).map(({ state }) => state).sort()).toEqual(["canceled", "succeeded"]);
});
