import type { Locator } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../support/chromium.ts";
import { eventually, form, visit } from "./visit.ts";
import { Workshop } from "./workshop.ts";

const browser = await openChromium();
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

/** The lines of a checklist, as "done Read the list". */
async function linesOf(list: Locator): Promise<string[]> {
  return list.locator("li").evaluateAll((lines) => lines.map((line) => `${line.getAttribute("data-state")} ${line.firstChild?.textContent}`));
}

const first = ["current Read the list", "waiting Draw <b>tickets</b>", "waiting Store them"];
const second = ["done Read the list", "current Draw <b>tickets</b>", "waiting Store them"];
const third = ["done Read the list", "done Draw <b>tickets</b>", "current Store them"];
const printForm = form().replace("/work", "/print");

test("the dialog shows the named steps as a checklist, and their weights in the bar", async () => {
  await using visitor = await visit(browser, shop, printForm);
  await visitor.send();
  const list = visitor.dialog.locator(".errand-steps");
  await eventually(() => linesOf(list)).toEqual(first);
  shop.rows.let(1);
  await eventually(() => linesOf(list)).toEqual(second);
  expect(await list.locator("[aria-current]").textContent()).toBe("Draw <b>tickets</b>");
  shop.rows.let(1);
  await eventually(() => linesOf(list)).toEqual(third);
  await eventually(() => visitor.bar.getAttribute("aria-valuenow")).toBe("90");
  shop.rows.let(1);
  await visitor.page.waitForURL("**/done");
});

test("so does the waiting page, without scripts and, as it goes on, with them", async () => {
  await using visitor = await visit(browser, shop, printForm);
  const { page } = visitor;
  await visitor.send();
  await eventually(() => new URL(page.url()).search).toContain("async_id");
  await page.reload();
  const list = page.locator("main .errand-steps");
  await eventually(() => linesOf(list)).toEqual(first);
  shop.rows.let(1);
  await eventually(() => linesOf(list)).toEqual(second);
  await using plain = await visit(browser, shop, printForm, { javaScriptEnabled: false });
  await plain.send();
  await eventually(() => linesOf(plain.page.locator("main .errand-steps"))).toEqual(first);
  shop.rows.let(5);
  await page.waitForURL("**/done");
});
