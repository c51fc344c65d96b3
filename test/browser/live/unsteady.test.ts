import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { Workshop } from "../workshop.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { PlainChromium } from "./plain-chromium.ts";
import { showForm, type Tab, Tabs } from "./tabs.ts";

const browser = await openChromium();
/** Enough that several quarters pass before and after whatever happens in between. */
const STEPS = 8;
/** How long the proxy leaves a connection alone, ms. */
const CUT_AFTER = 5000;
/** ms */
const A_MOMENT = 2000;
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

async function begin(visitor: Tabs, note = "Ada"): Promise<Tab> {
  showForm(shop, `<input type="hidden" name="steps" value="${STEPS}">`);
  const tab = await visitor.tab();
  await tab.page.getByLabel("Note").fill(note);
  await tab.send();
  await eventually(() => tab.status.textContent()).toBe(`Row 1 of ${STEPS}, ${note}`);
  return tab;
}

/** Lets the run end, and looks at what the page did: each quarter said once at most, and left once. */
async function endsWell(tab: Tab): Promise<void> {
  shop.rows.let(STEPS);
  await tab.page.waitForURL("**/done");
  await eventually(() => shop.count("GET /done")).toBe(1);
  const all = await tab.said();
  // Once the server is there again, the page may say anew how things are.
  const said = all.filter((words, index) => !`${all[index - 1]} ${words}`.includes("We cannot reach"));
  const quarters = said.map((words) => /(\d+) %$/.exec(words)?.[1]).filter((percent) => percent !== undefined);
  expect(new Set(quarters).size, String(said)).toBe(quarters.length);
  expect(new Set(said).size, String(said)).toBe(said.length);
}

test("the end of a run that is heard of leads on at once", async () => {
  await using visitor = await Tabs.open(browser, shop);
  await visitor.context.clock.install();
  let asking = 0;
  visitor.context.on("request", (request) => (asking += Number(request.url().includes("/work?"))));
  visitor.context.on("requestfinished", (request) => (asking -= Number(request.url().includes("/work?"))));
  const tab = await begin(visitor);
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(STEPS - 1);
  await eventually(() => tab.bar.getAttribute("aria-valuenow")).toBe("87");
  // From here on no timer of the page fires, so that only what is heard can lead on.
  await visitor.context.clock.pauseAt(Date.now() + A_MOMENT);
  // What the last of them asked for has been answered, and says nothing of the end.
  await eventually(() => asking).toBe(0);
  await endsWell(tab);
});

test("a proxy that cuts every connection: nothing is lost, and nothing said twice", async () => {
  await using proxy = await CuttingProxy.open(Number(new URL(shop.url).port), CUT_AFTER);
  await using visitor = await Tabs.open(browser, shop, proxy.url);
  const tab = await begin(visitor);
  await eventually(() => shop.streams).toBe(1);
  for (const percentage of ["12", "25", "37"]) {
    const cuts = shop.count("GET /errand/events/");
    shop.rows.let(1);
    await eventually(() => tab.bar.getAttribute("aria-valuenow")).toBe(percentage);
    if (percentage !== "37") await eventually(() => shop.count("GET /errand/events/")).toBeGreaterThan(cuts);
  }
  expect(proxy.cuts).toBeGreaterThan(1);
  await endsWell(tab);
});

test("a server that is restarted: the stream comes back by itself", async () => {
  await using visitor = await Tabs.open(browser, shop);
  const tab = await begin(visitor);
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(3);
  await eventually(() => tab.bar.getAttribute("aria-valuenow")).toBe("37");
  await shop.stop();
  await eventually(() => tab.status.textContent()).toBe("We cannot reach the server. We keep trying.");
  await shop.start();
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(STEPS);
  await tab.page.waitForURL("**/done");
  expect(shop.count("GET /done")).toBe(1);
  expect((await tab.said()).filter((words) => words.startsWith("We cannot reach"))).toHaveLength(1);
});

test("offline and online again: what came meanwhile is there", async () => {
  await using visitor = await Tabs.open(browser, shop);
  const tab = await begin(visitor);
  await eventually(() => shop.streams).toBe(1);
  await visitor.context.setOffline(true);
  shop.rows.let(6);
  await eventually(() => tab.status.textContent()).toContain("We cannot reach the server.");
  await visitor.context.setOffline(false);
  await eventually(() => tab.status.textContent()).toBe(`Row 7 of ${STEPS}, Ada`);
  await eventually(() => shop.streams).toBe(1);
  await endsWell(tab);
});

test("a laptop that sleeps: another page leads meanwhile, and the frozen one catches up", async () => {
  await using chromium = await PlainChromium.open();
  const visitor = await Tabs.of(chromium.context, shop.url);
  const leader = await begin(visitor);
  await eventually(() => shop.streams).toBe(1);
  const follower = await begin(visitor, "Grace");
  await eventually(() => shop.count("GET /errand/events/")).toBe(1);
  await freeze(leader.page, "frozen");
  await eventually(() => shop.count("GET /errand/events/")).toBe(2);
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(2 * (STEPS - 1));
  await eventually(() => follower.bar.getAttribute("aria-valuenow")).toBe("87");
  expect(shop.count("GET /done")).toBe(0);
  await freeze(leader.page, "active");
  await eventually(() => leader.bar.getAttribute("aria-valuenow")).toBe("87");
  shop.rows.let(2);
  await Promise.all([leader, follower].map(({ page }) => page.waitForURL("**/done")));
  expect(shop.count("GET /done")).toBe(2);
  for (const tab of [leader, follower]) {
    const said = await tab.said();
    expect(new Set(said).size, String(said)).toBe(said.length);
  }
});

test("a leader that hangs is replaced, and follows when it answers again", async () => {
  await using visitor = await Tabs.open(browser, shop);
  const leader = await begin(visitor);
  await eventually(() => shop.streams).toBe(1);
  const follower = await begin(visitor, "Grace");
  // A script of the page hangs until the other page has taken over.
  shop.pages.set("/turn", "mine");
  const hang = leader.page.evaluate(hangUntilTurned);
  await eventually(() => shop.count("GET /errand/events/")).toBe(2);
  shop.rows.let(2);
  await eventually(() => follower.bar.getAttribute("aria-valuenow")).toBe("12");
  shop.pages.set("/turn", "theirs");
  await hang;
  await eventually(() => leader.bar.getAttribute("aria-valuenow")).toBe("12");
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(2 * STEPS);
  await Promise.all([leader, follower].map(({ page }) => page.waitForURL("**/done")));
  expect(shop.count("GET /done")).toBe(2);
});

test("where there is no stream, and where there are no locks, pages ask as they did", async () => {
  for (const without of ["stream", "locks"]) {
    await using visitor = await Tabs.open(browser, shop);
    if (without === "stream") await visitor.context.route("**/errand/events/", (route) => route.fulfill({ status: 503, headers: { "retry-after": "60" } }));
    else await visitor.context.addInitScript("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })");
    const streams = shop.count("GET /errand/events/");
    const done = shop.count("GET /done");
    const tab = await begin(visitor);
    shop.rows.let(STEPS);
    await tab.page.waitForURL("**/done");
    expect(shop.count("GET /done") - done).toBe(1);
    expect(shop.count("GET /errand/events/")).toBe(streams);
  }
});

test("two visitors: each hears of their own runs, and of no other's", async () => {
  await using ann = await Tabs.open(browser, shop);
  await using bob = await Tabs.open(browser, shop);
  const mine = await begin(ann);
  const theirs = await begin(bob, "Grace");
  await eventually(() => shop.streams).toBe(2);
  const heard = Promise.all([mine, theirs].map(({ page }) => names(page)));
  shop.rows.let(2 * STEPS);
  await Promise.all([mine, theirs].map(({ page }) => page.waitForURL("**/done")));
  expect(await heard).toEqual([["Tickets for Ada"], ["Tickets for Grace"]]);
});

/** It blocks the page's thread, and asks a few times a second whether it may end. */
const hangUntilTurned = `
  for (const asked = new XMLHttpRequest(); !asked.responseText.includes("theirs"); asked.send()) {
    for (const pause = Date.now() + 200; Date.now() < pause; );
    asked.open("GET", "/turn", false);
  }`;

/** The runs that a page is told of within a moment. */
async function names(page: Page): Promise<string[]> {
  return page.evaluate(`import("/errand/errand-live.js").then(({ liveRuns }) => liveRuns().runs.map(({ name }) => name))`);
}

async function freeze(page: Page, state: "frozen" | "active"): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state });
  await session.detach();
}
