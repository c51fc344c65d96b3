import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { axeFaults } from "./axe.ts";
import { openPagesSite, type PagesSite, pageOf } from "./pages-site.ts";

const browser = await openChromium();
let site: PagesSite;
let paths: Record<string, string>;

const long = "Donaudampfschifffahrtsgesellschaftskapitänspatentsverlängerungsantragsformular";

beforeAll(async () => {
  site = await openPagesSite();
  const made = await site.run("admin", {
    how: "make",
    name: `Export of ${long}`,
    files: [[`${long}.html`, "x"]],
    texts: [["Notes", long.repeat(3)]],
    urls: [["Preview", "https://courses.example/3"]],
  });
  await site.run("admin", { how: "refuse" });
  await site.run("admin", { how: "break" });
  await site.run("admin", { how: "again", says: long });
  await site.run("admin", { how: "hold", steps: 1, done: 0 });
  const held = await site.run("admin", { how: "hold", says: long });
  paths = {
    "my tasks": "/",
    "an empty list": "/?state=canceled",
    "a run that was made": `/runs/${made.id}`,
    "a run under way": `/runs/${held.id}`,
    "the question": `/runs/${made.id}/delete`,
    "all tasks": "/admin",
  };
});
afterAll(() => site.close());

const names = ["my tasks", "an empty list", "a run that was made", "a run under way", "the question", "all tasks"];

const isWiderThanItsWindow = (page: Page) => page.evaluate("document.documentElement.scrollWidth > innerWidth");

test.each(names)("%s: axe-core finds nothing wrong, in light and dark, narrow and wide, in each language", async (name) => {
  for (const [colorScheme, width, locale] of [
    ["light", 1200, "en-GB"],
    ["dark", 1200, "fr-FR"],
    ["light", 320, "de-DE"],
    ["dark", 320, "es-ES"],
  ] as const) {
    const page = await pageOf(browser, "admin", { colorScheme, locale, viewport: { width, height: 800 } });
    await page.goto(site.url + paths[name]);
    expect([colorScheme, width, await axeFaults(page)]).toEqual([colorScheme, width, []]);
    expect([width, await isWiderThanItsWindow(page)]).toEqual([width, false]);
    await page.context().close();
  }
});

test("the empty state of somebody who has started nothing", async () => {
  const page = await pageOf(browser, undefined);
  await page.goto(`${site.url}/`);
  expect(await axeFaults(page)).toEqual([]);
  await page.context().close();
});

test("the dialog, and a page with messages", async () => {
  const { id } = await site.run("ann", { how: "make", name: "Old" });
  const page = await pageOf(browser, "ann");
  await page.goto(`${site.url}/`);
  await page.getByRole("link", { name: "Delete: Old" }).click();
  await page.getByRole("dialog").waitFor();
  expect(await axeFaults(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("was deleted.").waitFor();
  expect(await axeFaults(page)).toEqual([]);
  expect(await site.errand.get(id)).toBeNull();
  await page.context().close();
});

test.each(["my tasks", "all tasks"])("%s can be used with text twice as large, and without motion", async (name) => {
  const page = await pageOf(browser, "admin", { viewport: { width: 640, height: 800 }, reducedMotion: "reduce" });
  await page.goto(site.url + paths[name]);
  await page.evaluate("document.documentElement.style.fontSize = '200%'");
  expect(await isWiderThanItsWindow(page)).toBe(false);
  const animations = await page.evaluate("document.getAnimations().length");
  expect(animations).toBe(0);
  await page.context().close();
});
