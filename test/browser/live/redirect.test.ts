import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { Workshop } from "../workshop.ts";
import { showForm, Tabs } from "./tabs.ts";

const browser = await openChromium();
/** ms */
const A_MOMENT = 2000;
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test.each(["the dialog", "the waiting page"])("it is the event of the end that leads on from %s, and no poll", async (place) => {
  await using visitor = await Tabs.open(browser, shop);
  const { context } = visitor;
  await context.clock.install();
  showForm(shop, '<input type="hidden" name="steps" value="2">');
  const tab = await visitor.tab();
  const { page } = tab;
  const open = new Set<unknown>();
  page.on("request", (request) => request.url().includes("/work?") && open.add(request));
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
  await tab.send();
  await eventually(() => new URL(page.url()).search).toContain("async_id");
  if (place === "the waiting page") await page.reload();
  // From here on each change is heard as it happens.
  await eventually(() => page.evaluate("import('/errand/errand-live.js').then(({ liveRuns }) => liveRuns().runs.length)")).toBe(1);
  const status = page.locator(".errand-status");
  await eventually(() => status.textContent()).toBe("Row 1 of 2, Ada");
  // Every question from here on is refused for as long as the run goes on.
  const asked: string[] = [];
  await context.route("**/work?*", async (route) => {
    const [run] = await shop.runs();
    asked.push(run?.state ?? "");
    await (run?.ended ? route.continue() : route.abort());
  });
  shop.rows.let(1);
  await eventually(() => status.textContent()).toBe("Row 2 of 2, Ada");
  // Somebody comes to look at the page: it asks at once, and after the refusal rests for longer than a moment.
  if (asked.length === 0) await page.evaluate("dispatchEvent(new Event('online'))");
  await eventually(() => asked.length).toBeGreaterThan(0);
  // And no timer of the page fires any more.
  await context.clock.pauseAt(Date.now() + A_MOMENT);
  await eventually(() => open.size).toBe(0);
  const before = asked.length;
  expect(asked).toEqual(Array(before).fill("in_progress"));
  shop.rows.let(1);
  await page.waitForURL("**/done");
  expect(asked.slice(before)).toEqual(["succeeded"]);
  expect(shop.count("GET /done")).toBe(1);
});
