import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { axeFaults } from "../pages/axe.ts";
import { eventually, sticksOut, styleOf } from "../visit.ts";
import { Workshop } from "../workshop.ts";
import { visitWithTray } from "./tray-visit.ts";

const browser = await openChromium();
const long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(2);
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test.for([
  ["light", 1200, "en"],
  ["dark", 1200, "fr"],
  ["light", 320, "de"],
  ["dark", 320, "es"],
] as const)("the tray, %s, %i pixels wide, in %3$s: axe-core finds nothing wrong, and nothing sticks out", async ([colorScheme, width, language]) => {
  shop.language = language;
  await using visitor = await visitWithTray(browser, shop, { colorScheme, viewport: { width, height: 600 } });
  const { page, tray } = visitor;
  await page.getByLabel("Note").fill(long);
  await visitor.send();
  await page.locator("errand-tray .name").waitFor({ state: "attached" });
  await page.keyboard.press("Escape");
  await tray.waitFor();
  expect(await axeFaults(page)).toEqual([]);
  expect(await sticksOut(tray)).toBe(false);
  expect(await styleOf(tray, ["backgroundColor"])).toEqual([colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(31, 34, 38)"]);
  shop.rows.let(4);
  await tray.getByRole("link").nth(1).waitFor();
  expect(await axeFaults(page)).toEqual([]);
  expect(await sticksOut(tray)).toBe(false);
});

test("text twice as large, without motion, in the system's colours, from right to left", async () => {
  await using visitor = await visitWithTray(browser, shop, { viewport: { width: 640, height: 800 }, reducedMotion: "reduce", forcedColors: "active" });
  const { page, tray } = visitor;
  await page.evaluate("document.documentElement.style.fontSize = '200%'; document.documentElement.dir = 'rtl'; 0");
  await visitor.toBackground();
  expect(await sticksOut(tray)).toBe(false);
  expect((await tray.boundingBox())?.x).toBeLessThan(100);
  const bar = tray.getByRole("progressbar");
  expect(await styleOf(bar, ["animationName", "borderTopStyle"])).toEqual(["none", "solid"]);
  shop.rows.let(2);
  await eventually(() => bar.getAttribute("aria-valuenow")).toBe("50");
  expect(await styleOf(bar.locator("div"), ["transitionProperty"])).toEqual(["none"]);
});

test("the strictest content security policy, and a look of the app's own", async () => {
  await using visitor = await visitWithTray(browser, shop);
  const { page, tray } = visitor;
  await page.route(`${shop.url}/`, async (route) => {
    const response = await route.fetch();
    const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; require-trusted-types-for 'script'";
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  await page.addInitScript(
    "globalThis.refused = []; addEventListener('securitypolicyviolation', ({ sourceFile, sample, violatedDirective }) => refused.push([violatedDirective, sourceFile, sample].join(' '))); 0",
  );
  await page.goto(`${shop.url}/`);
  await page.evaluate("document.documentElement.style.setProperty('--errand-surface', 'rgb(1, 2, 3)'); 0");
  await visitor.toBackground();
  expect(await styleOf(tray, ["position", "backgroundColor"])).toEqual(["fixed", "rgb(1, 2, 3)"]);
  // Of the page itself: its style element.
  expect(((await page.evaluate("refused")) as string[]).filter((each) => each.includes(".js"))).toEqual([]);
});
