import type { BrowserContextOptions, Locator } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { axeFaults } from "../pages/axe.ts";
import { eventually, form, sticksOut } from "../visit.ts";
import { Workshop } from "../workshop.ts";
import { type TrayVisit, visitWithTray } from "./tray-visit.ts";

const browser = await openChromium();
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

const layout = `<script type="module" src="/errand/errand-elements.js"></script><errand-tray></errand-tray>`;
const printing = form().replace("/work", "/print");

/** The lines of a checklist, as "done Read the list". */
function linesOf(card: Locator): Promise<string[]> {
  return card.locator(".steps li").evaluateAll((lines) => lines.map((line) => `${line.dataset.state} ${line.textContent}`));
}

/** A visitor whose tray shows a run with named steps, and a page that embeds that run. */
async function printed(options: BrowserContextOptions = {}): Promise<TrayVisit & { readonly embedded: Locator }> {
  const visitor = await visitWithTray(browser, shop, options);
  shop.pages.set("/", printing + layout);
  await visitor.page.reload();
  await visitor.toBackground();
  const [{ id } = { id: "" }] = await shop.runs();
  shop.pages.set("/run", `<errand-run src="/errand/tasks/${id}/"></errand-run>${layout}`);
  return { ...visitor, embedded: visitor.page.locator("errand-run"), [Symbol.asyncDispose]: visitor[Symbol.asyncDispose] };
}

test("the tray and a run that is embedded show its named steps, and say none of them aloud", async () => {
  await using visitor = await printed();
  const { page, tray, embedded } = visitor;
  await page.goto(`${shop.url}/run`);
  for (const card of [tray, embedded]) {
    await eventually(() => linesOf(card)).toEqual(["current Read the list", "waiting Draw <b>tickets</b>", "waiting Store them"]);
    expect(await card.locator(".steps [aria-current=step]").textContent()).toBe("Read the list");
  }
  shop.rows.let(1);
  for (const card of [tray, embedded])
    await eventually(() => linesOf(card)).toEqual(["done Read the list", "current Draw <b>tickets</b>", "waiting Store them"]);
  shop.rows.let(2);
  for (const card of [tray, embedded]) {
    await eventually(() => card.locator(".status").textContent()).toBe("Succeeded");
    expect(await linesOf(card)).toEqual([]);
  }
  expect((await visitor.said()).filter((words) => /Read the list|Store them/.test(words))).toEqual([]);
});

test("what is true at the moment stands below it, until that changes; a closed tray does not ask", async () => {
  await using visitor = await visitWithTray(browser, shop);
  await visitor.toBackground();
  const [{ owner } = { owner: null }] = await shop.runs();
  const flaky = shop.errand.task({
    name: "flaky",
    retries: { times: 2, delay: 0 },
    run: async (_, { attempt, signal }) => {
      if (attempt === 1) throw new Error("The printer was jammed.");
      await shop.rows.pass(signal);
    },
  });
  const { id } = await flaky.start(null, { owner });
  const line = visitor.tray.getByRole("listitem").filter({ hasText: "flaky" });
  await eventually(() => line.locator(".note").textContent()).toBe("Restarted, attempt 2 of 3");
  await visitor.tray.getByRole("button", { name: /under way/ }).click();
  await visitor.page.goto(`${shop.url}/elsewhere`);
  await visitor.page.locator("errand-tray .name").first().waitFor({ state: "attached" });
  const asked = shop.count(`GET /errand/tasks/${id}/notes/`);
  await visitor.page.clock.install();
  await visitor.page.clock.fastForward(60_000);
  expect(shop.count(`GET /errand/tasks/${id}/notes/`)).toBe(asked);
  await visitor.tray.getByRole("button", { name: /under way/ }).click();
  shop.rows.let(8);
  await eventually(() => line.locator(".status").textContent()).toBe("Succeeded");
  expect(await line.locator(".note").textContent()).toBe("");
});

test.for([
  ["light", 1200, "ltr"],
  ["dark", 1200, "ltr"],
  ["light", 320, "ltr"],
  ["dark", 320, "rtl"],
] as const)("%s, %i pixels wide, %s: axe-core finds nothing wrong, and nothing sticks out", async ([colorScheme, width, dir]) => {
  await using visitor = await printed({ colorScheme, viewport: { width, height: 700 } });
  const { page, tray, embedded } = visitor;
  shop.rows.let(1);
  await page.goto(`${shop.url}/run`);
  await page.evaluate(`document.documentElement.dir = "${dir}"; 0`);
  for (const card of [tray, embedded]) await eventually(() => linesOf(card)).toContain("current Draw <b>tickets</b>");
  expect(await axeFaults(page)).toEqual([]);
  for (const card of [tray, embedded.locator(".card")]) expect(await sticksOut(card)).toBe(false);
  // Also where the page is read the other way, a label stands beside its mark.
  const start = await embedded
    .locator(".steps li")
    .first()
    .evaluate((line, isRtl) => {
      const range = line.ownerDocument.createRange();
      range.selectNodeContents(line);
      const [text, frame] = [range.getBoundingClientRect(), line.getBoundingClientRect()];
      return isRtl ? frame.right - text.right : text.left - frame.left;
    }, dir === "rtl");
  expect(start).toBeLessThan(30);
  const shots = process.env.ERRAND_SCREENSHOTS;
  if (shots) await page.screenshot({ path: `${shots}/elements-${colorScheme}-${width}-${dir}.png` });
});
