import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { Workshop } from "../workshop.ts";
import { bundledPage, type ReactTab, ReactTabs } from "./react-tabs.ts";

const browser = await openChromium();
const script = await bundledPage();
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

/** Revisions only rise, no two parts of the page ever showed different things, and the functions stayed the same. */
async function isSound(tab: ReactTab): Promise<void> {
  const { shown, torn } = await tab.offered();
  const revs = shown.flatMap(({ rev }) => rev ?? []);
  expect(revs).toEqual([...revs].sort((one, other) => one - other));
  expect(torn).toEqual([]);
}

/** With the stream of the whole browser, and each tab with one of its own. */
const queries: readonly Record<string, string>[] = [{}, { alone: "1" }];

test("what an app bundles holds nothing of the server", () => {
  expect(script).toContain("text/event-stream");
  expect(script).not.toMatch(/node:|kysely|["']hono/);
});

test.each([
  ["by the browser's one stream", {}, "GET /errand/events/"],
  ["by a stream of its own", { alone: "1" }, undefined],
])("a run is shown from now to its end, %s, in strict mode", async (_, query, stream) => {
  await using visitor = await ReactTabs.open(browser, shop, script);
  const run = await visitor.start("Ada");
  const tab = await visitor.tab(run, query);
  await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Ada  live");
  expect(shop.count(stream ?? `GET ${run}events/`)).toBe(1);
  expect(shop.streams).toBe(1);
  for (const row of [2, 3, 4]) {
    shop.rows.let(1);
    await eventually(() => tab.text()).toBe(`In Progress: Row ${row} of 4, Ada  live`);
  }
  shop.rows.let(1);
  await eventually(() => tab.text()).toMatch(/^Succeeded: .*over$/);
  await eventually(() => shop.streams).toBe(0);
  // With the one stream it is asked for once; strict mode mounts twice.
  expect(shop.count(`GET ${run}`)).toBe(stream ? 1 : 0);
  expect(await tab.do("functions()")).toBeLessThan(3);
  await isSound(tab);
});

test("a server that is restarted: the page goes on where it was", async () => {
  for (const query of queries) {
    await using visitor = await ReactTabs.open(browser, shop, script);
    const tab = await visitor.tab(await visitor.start("Ada"), query);
    await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Ada  live");
    await shop.stop();
    await eventually(() => tab.text()).toMatch(/lost$/);
    await shop.start();
    shop.rows.let(4);
    await eventually(() => tab.text()).toMatch(/^Succeeded: .*over$/);
    await isSound(tab);
  }
});

test("what is unmounted closes its stream, and what is mounted again goes on", async () => {
  for (const query of queries) {
    await using visitor = await ReactTabs.open(browser, shop, script);
    const tab = await visitor.tab(await visitor.start("Ada"), query);
    await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Ada  live");
    await tab.do("setShown(false)");
    await eventually(() => tab.text()).toBe("unmounted");
    await eventually(() => shop.streams).toBe(0);
    await tab.do("setShown(true)");
    shop.rows.let(4);
    await eventually(() => tab.text()).toMatch(/^Succeeded: .*over$/);
    await isSound(tab);
  }
});

test("another address shows another run, and nothing more of the first", async () => {
  await using visitor = await ReactTabs.open(browser, shop, script);
  const [ada, grace] = [await visitor.start("Ada"), await visitor.start("Grace")];
  const tab = await visitor.tab(ada, { alone: "1" });
  await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Ada  live");
  await tab.do(`setUrl('${grace}')`);
  await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Grace  live");
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(8);
  await eventually(() => tab.text()).toMatch(/^Succeeded: .*over$/);
  const { shown } = await tab.offered();
  const first = shown.findIndex(({ text }) => text.includes("Grace"));
  expect(shown.slice(first).filter(({ text }) => text.includes("Ada"))).toEqual([]);
  await tab.do("setUrl(null)");
  await eventually(() => tab.text()).toBe("nothing yet  over");
});

test("a page that was rendered with a document begins with it, as the server did", async () => {
  await using visitor = await ReactTabs.open(browser, shop, script);
  const run = await visitor.start("Ada");
  const before = await visitor.tab(run);
  await eventually(() => before.text()).toBe("In Progress: Row 1 of 4, Ada  live");
  const initial = await (await visitor.context.request.get(`${shop.url}${run}`)).text();
  const { rev } = JSON.parse(initial) as { rev: number };
  const line = `${rev} In Progress: Row 1 of 4, Ada<!-- --> <!-- --> <!-- -->connecting`;
  const html = `<main><p id="run">${line}</p><!--$--><p id="again">${line}</p><!--/$--></main>`;
  const tab = await visitor.tab(run, { initial, html }, "/rendered");
  shop.rows.let(4);
  await eventually(() => tab.text()).toMatch(/^Succeeded: .*over$/);
  const { shown } = await tab.offered();
  expect(shown[0]).toEqual({ rev, text: "Row 1 of 4, Ada", connection: "connecting" });
  // It is of no other run.
  await tab.do(`setUrl('${await visitor.start("Grace")}')`);
  await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Grace  live");
  expect((await tab.offered()).shown.slice(shown.length).filter(({ text }) => text.includes("Ada"))).toEqual([]);
  shop.rows.let(4);
});

test("what the shared stream tells is shown only once the server has answered who asks", async () => {
  await using visitor = await ReactTabs.open(browser, shop, script);
  const run = await visitor.start("Ada");
  await visitor.context.route(`**${run}`, (route) => route.fulfill({ status: 500 }));
  const tab = await visitor.tab(run);
  await eventually(() => shop.streams).toBe(1);
  await eventually(() => tab.page.evaluate("import('/errand/errand-live.js').then(({ liveRuns }) => liveRuns().runs.length)")).toBe(1);
  shop.rows.let(1);
  await eventually(() => tab.text()).toBe("nothing yet  lost");
  expect((await tab.offered()).shown.filter(({ rev }) => rev !== null)).toEqual([]);
  await visitor.context.unroute(`**${run}`);
  await eventually(() => tab.text()).toBe("In Progress: Row 2 of 4, Ada  live");
  shop.rows.let(4);
});

test("four tabs of a browser have one stream between them", async () => {
  await using visitor = await ReactTabs.open(browser, shop, script);
  const run = await visitor.start("Ada");
  const tabs = [await visitor.tab(run), await visitor.tab(run), await visitor.tab(run), await visitor.tab(await visitor.start("Grace"))];
  for (const tab of tabs) await eventually(() => tab.text()).toMatch(/Row 1 of 4, \w+ {2}live$/);
  expect(shop.streams).toBe(1);
  // Of whoever led, the next takes over.
  await tabs.shift()?.page.close();
  shop.rows.let(8);
  for (const tab of tabs) await eventually(() => tab.text()).toMatch(/^Succeeded: .*over$/);
  for (const tab of tabs) await isSound(tab);
});

test("a run is canceled, run again and removed from its page", async () => {
  await using visitor = await ReactTabs.open(browser, shop, script);
  const tab = await visitor.tab(await visitor.start("Ada"));
  await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Ada  live");
  expect(await tab.do("rerun()")).toEqual({ code: "ERRAND_REQUEST" });
  expect(await tab.do("cancel()")).toMatchObject({ state: "Canceling" });
  await eventually(() => tab.text()).toMatch(/^Canceled: .*over$/);
  const again = await tab.do<{ url: string }>("rerun()");
  await tab.do(`setUrl('${again.url}')`);
  await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Ada  live");
  await tab.do("remove()");
  await eventually(() => tab.text()).toMatch(/over$/);
  await tab.do(`setUrl('${again.url}?')`);
  await eventually(() => tab.text()).toBe("nothing yet (ERRAND_RUN_GONE) over");
});

test("a run that is deleted elsewhere is gone at once", async () => {
  await using visitor = await ReactTabs.open(browser, shop, script);
  const run = await visitor.start("Ada");
  const tab = await visitor.tab(run);
  await eventually(() => tab.text()).toBe("In Progress: Row 1 of 4, Ada  live");
  await shop.errand.remove(run.split("/").at(-2) as string);
  await eventually(() => tab.text()).toMatch(/\(ERRAND_RUN_GONE\) over$/);
});

test("another visitor's run stays theirs", async () => {
  await using ann = await ReactTabs.open(browser, shop, script);
  await using bob = await ReactTabs.open(browser, shop, script);
  const run = await ann.start("Ada");
  await bob.start("Bob");
  const tab = await bob.tab(run);
  await eventually(() => tab.text()).toBe("nothing yet (ERRAND_RUN_GONE) over");
  shop.rows.let(8);
});
