import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { Workshop } from "../workshop.ts";
import { Tabs } from "./tabs.ts";

const browser = await openChromium();
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test("ten tabs hold one stream, and each of them follows its run", { timeout: 180_000 }, async () => {
  await using visitor = await Tabs.open(browser, shop);
  const tabs = [];
  for (let count = 0; count < 10; count++) {
    const tab = await visitor.tab();
    await tab.page.getByLabel("Note").fill(`Tab ${count}`);
    await tab.send();
    await eventually(() => tab.status.textContent()).toBe(`Row 1 of 4, Tab ${count}`);
    tabs.push(tab);
  }
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(20);
  for (const tab of tabs) await eventually(() => tab.bar.getAttribute("aria-valuenow")).toBe("50");
  expect(shop.streams).toBe(1);
  shop.rows.let(20);
  for (const { page } of tabs) await page.waitForURL("**/done");
  await eventually(() => shop.streams).toBe(0);
});

test("the tab that leads is closed: the next one leads, and nothing is lost", async () => {
  await using visitor = await Tabs.open(browser, shop);
  const leader = await visitor.tab();
  await leader.send();
  await eventually(() => shop.streams).toBe(1);
  const follower = await visitor.tab();
  await follower.page.getByLabel("Note").fill("Grace");
  await follower.send();
  await eventually(() => follower.status.textContent()).toBe("Row 1 of 4, Grace");
  await leader.page.close();
  await eventually(() => shop.count("GET /errand/events/")).toBe(2);
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(8);
  await follower.page.waitForURL("**/done");
  expect(await follower.page.locator("#flash").textContent()).toContain("Made for Grace");
});

test("while a run is heard of, it is hardly asked for", async () => {
  await using visitor = await Tabs.open(browser, shop);
  const tab = await visitor.tab();
  await tab.send();
  await eventually(() => shop.streams).toBe(1);
  await eventually(() => tab.status.textContent()).toBe("Row 1 of 4, Ada");
  const asked = shop.count("GET /work");
  for (const row of [2, 3, 4]) {
    shop.rows.let(1);
    await eventually(() => tab.status.textContent()).toBe(`Row ${row} of 4, Ada`);
  }
  expect(shop.count("GET /work") - asked).toBeLessThan(3);
  shop.rows.let(1);
  await tab.page.waitForURL("**/done");
});
