import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chain, chord, group, type Run } from "../../../src/index.ts";
import { until, untilEnded } from "../../runtime/fixture.ts";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { axeFaults } from "./axe.ts";
import { focused, openPagesSite, type PagesSite, pageOf } from "./pages-site.ts";

const browser = await openChromium();
let site: PagesSite;
beforeAll(async () => {
  site = await openPagesSite();
});
afterAll(() => site.close());

const step = (name: string, how: "make" | "hold" | "refuse") => site.exporting.with({ how, name });
const rows = (page: Page) => page.locator("#part-list .errand-part");
const names = (page: Page) => page.locator("#part-list .errand-part-head a").allTextContents();
const badgeOf = (page: Page, id: string) => page.locator(`#run-${id} .errand-badge`).first().textContent();

/** 30 parts: the first holds, the 28th fails, the others are made. Resolves once only the first goes on. */
async function startBook(owner: string): Promise<{ id: string; held: string }> {
  const parts = Array.from({ length: 30 }, (_, index) => step(`Course ${index + 1}`, index === 0 ? "hold" : index === 27 ? "refuse" : "make"));
  const { id } = await group(parts, { onFailure: "continue" }).start({ owner, name: "All courses" });
  const children = (await site.errand.list({ parent: id }, { limit: 50, after: "" })) as [Run, ...Run[]];
  await Promise.all(children.slice(1).map((child) => untilEnded(site.errand, child.id)));
  await until(site.errand, children[0].id, ({ completedSteps }) => completedSteps === 2);
  return { id, held: children[0].id };
}

test("parts follow by themselves, more come when they are asked for, and stay; in the end the failed ones come first", async () => {
  const { id, held } = await startBook("ann");
  const page = await pageOf(browser, "ann");
  await page.goto(`${site.url}/runs/${id}`);
  await page.evaluate("globalThis.loaded = 1");
  expect(await rows(page).count()).toBe(25);
  await page.getByRole("link", { name: "Show more" }).press("Enter");
  await eventually(() => rows(page).count()).toBe(30);
  expect(await page.getByRole("link", { name: "Show more" }).count()).toBe(0);
  expect(await focused(page)).toBe("Course 26");
  expect(new URL(page.url()).search).toBe("");

  site.release(held, 1);
  await eventually(() => page.locator(`#run-${held} progress`).getAttribute("value")).toBe("75");
  expect(await rows(page).count()).toBe(30);
  await page.locator(`#run-${id}`).evaluate((article) => article.setAttribute("data-as-before", ""));
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await page.locator("article[data-as-before]").waitFor({ state: "detached" });
  expect(await rows(page).count()).toBe(30);

  site.release(held);
  await eventually(() => badgeOf(page, id)).toBe("Succeeded");
  await page.getByText("29 of 30 succeeded.").waitFor();
  await eventually(async () => (await names(page))[0]).toBe("Course 28");
  expect(await rows(page).count()).toBe(25);
  expect(await page.evaluate("globalThis.loaded")).toBe(1);

  await page.getByRole("button", { name: "Run only the failed ones again" }).press("Enter");
  await page.getByText("“All courses” was started again.").waitFor();
  await eventually(() => names(page)).toEqual(["Course 28"]);
  expect(await page.evaluate("globalThis.loaded")).toBe(1);
  await page.context().close();
});

test("a page that is out of reach is said, and asked for again by the same link", async () => {
  const { id, held } = await startBook("bob");
  const page = await pageOf(browser, "bob");
  await page.goto(`${site.url}/runs/${id}`);
  site.outage = true;
  await page.getByRole("link", { name: "Show more" }).click();
  await page.getByText("We currently cannot reach the server, but we keep trying.").waitFor();
  site.outage = false;
  await page.getByRole("link", { name: "Show more" }).click();
  await eventually(() => rows(page).count()).toBe(30);
  site.release(held);
  await untilEnded(site.errand, id);
  await page.context().close();
});

test("more steps than the page knew of are said, until the end", async () => {
  const { id } = await chain([
    site.exporting.with({ how: "hold", name: "Slow", steps: 4, done: 1 }),
    site.exporting.with(() => ({ how: "hold", name: "Long", steps: 20, done: 0 })),
  ]).start({ owner: "cat", name: "Growing" });
  const [slow, long] = (await site.errand.list({ parent: id }, { limit: 2, after: "" })) as [Run, Run];
  await until(site.errand, slow.id, ({ completedSteps }) => completedSteps === 1);
  const page = await pageOf(browser, "cat");
  await page.goto(`${site.url}/runs/${id}`);
  const note = page.getByText("More work was found: 19 more steps.");
  expect(await note.count()).toBe(0);
  site.release(slow.id);
  await note.waitFor();
  await eventually(() => names(page)).toEqual(["Slow", "Long"]);
  site.release(long.id);
  await eventually(() => badgeOf(page, id)).toBe("Succeeded");
  await note.waitFor({ state: "detached" });
  await page.context().close();
});

test("without JavaScript links lead through the parts, to each of them and back to the whole", async () => {
  const { id, held } = await startBook("dan");
  const page = await pageOf(browser, "dan", { javaScriptEnabled: false });
  await page.goto(`${site.url}/runs/${id}`);
  await page.getByRole("link", { name: "Show more" }).press("Enter");
  await page.getByRole("link", { name: "From the beginning" }).waitFor();
  expect(await names(page)).toEqual(["Course 26", "Course 27", "Course 28", "Course 29", "Course 30"]);
  await page.getByRole("link", { name: "Course 28" }).press("Enter");
  await page.getByText("The course has no sections.").waitFor();
  expect(await page.getByRole("link", { name: /^Delete/ }).count()).toBe(0);
  await page.getByRole("link", { name: "Part of “All courses”" }).press("Enter");
  await page.waitForURL(`**/runs/${id}`);
  site.release(held);
  await untilEnded(site.errand, id);
  await page.reload();
  expect((await names(page))[0]).toBe("Course 28");
  await page.getByRole("button", { name: "Run only the failed ones again" }).press("Enter");
  await page.getByText("“All courses” was started again.").waitFor();
  await page.context().close();
});

test("axe-core finds nothing wrong with containers under way and ended, in light and dark, narrow and wide, in each language", async () => {
  const under = await startBook("eve");
  const long = "Donaudampfschifffahrtsgesellschaftskapitänspatentsverlängerungsantragsformular";
  const ended = await chord([step(long, "make"), step("Refused", "refuse")], step("Zip", "make")).start({ owner: "eve", name: long });
  await untilEnded(site.errand, ended.id);
  for (const [colorScheme, width, locale] of [
    ["light", 1200, "en-GB"],
    ["dark", 1200, "fr-FR"],
    ["light", 320, "de-DE"],
    ["dark", 320, "es-ES"],
  ] as const) {
    const page = await pageOf(browser, "eve", { colorScheme, locale, viewport: { width, height: 800 } });
    for (const id of [under.id, ended.id]) {
      await page.goto(`${site.url}/runs/${id}`);
      expect([colorScheme, width, await axeFaults(page)]).toEqual([colorScheme, width, []]);
      expect([width, await page.evaluate("document.documentElement.scrollWidth > innerWidth")]).toEqual([width, false]);
    }
    await page.context().close();
  }
  site.release(under.held);
  await untilEnded(site.errand, under.id);
});
