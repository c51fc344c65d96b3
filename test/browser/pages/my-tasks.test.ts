import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until, untilEnded } from "../../runtime/fixture.ts";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { focused, openPagesSite, type PagesSite, pageOf, tabTo } from "./pages-site.ts";

const browser = await openChromium();
let site: PagesSite;
beforeAll(async () => {
  site = await openPagesSite();
});
afterAll(() => site.close());
beforeEach(() => {
  site.outage = false;
});

test("progress, state and what was left come by themselves, without a reload", async () => {
  const { id } = await site.run("ann", { how: "hold", name: "Slow", files: [["course.html", "x"]] });
  const page = await pageOf(browser, "ann");
  await page.goto(`${site.url}/`);
  await page.evaluate("globalThis.loaded = 1");
  const card = page.locator(`#run-${id}`);
  expect(await card.getByRole("progressbar").getAttribute("value")).toBe("50");
  site.release(id, 1);
  await eventually(() => card.getByRole("progressbar").getAttribute("value")).toBe("75");
  expect(await card.getByText("3 of 4 steps").count()).toBe(1);
  site.release(id, 1);
  await eventually(() => card.locator(".errand-badge").textContent()).toBe("Succeeded");
  expect(await card.getByRole("progressbar").count()).toBe(0);
  expect(await card.getByRole("link", { name: "course.html" }).count()).toBe(1);
  expect(await page.locator("[data-errand-spoken]").textContent()).toBe("Slow: Succeeded");
  expect(await page.evaluate("globalThis.loaded")).toBe(1);
  await page.context().close();
});

test("what was started elsewhere meanwhile is there when the reader comes back, and what was deleted goes", async () => {
  const { id } = await site.run("bob", { how: "hold", name: "First" });
  const page = await pageOf(browser, "bob");
  await page.goto(`${site.url}/`);
  await site.run("bob", { how: "make", name: "Second" });
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await eventually(() => page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["Second", "First"]);
  await site.errand.remove(id);
  await eventually(() => page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["Second"]);
  await page.context().close();
});

test("a list in which nothing goes on asks the server nothing", async () => {
  await site.run("cat", { how: "make" });
  const page = await pageOf(browser, "cat");
  await page.clock.install();
  await page.goto(`${site.url}/`);
  const before = site.requests.length;
  await page.clock.runFor("01:00");
  expect(site.requests.slice(before)).toEqual([]);
  await page.context().close();
});

test("without a stream: the more slowly something goes on, the less often it is asked about", async () => {
  const { id } = await site.run("cato", { how: "hold" });
  const page = await pageOf(browser, "cato");
  await page.route("**/errand/events/", (route) => route.abort());
  site.askedAt.length = 0;
  await page.goto(`${site.url}/`);
  await eventually(() => site.askedAt.length).toBeGreaterThan(4);
  // The pause begins when the answer is there, so a slow machine only makes the gaps longer.
  const gaps = site.askedAt.slice(1).map((at, index) => at - (site.askedAt[index] as number));
  for (const [index, gap] of gaps.slice(0, 4).entries()) expect(gap).toBeGreaterThan(400 * 1.5 ** (index + 1) - 5);
  site.release(id);
  await untilEnded(site.errand, id);
  await page.context().close();
});

test("an outage is said, and gone when the server is back", async () => {
  const { id } = await site.run("dan", { how: "hold" });
  const page = await pageOf(browser, "dan");
  await page.goto(`${site.url}/`);
  site.outage = true;
  const note = page.getByText("We currently cannot reach the server, but we keep trying.");
  await note.waitFor();
  site.outage = false;
  site.release(id);
  await page.locator(`#run-${id}`).getByText("Succeeded").waitFor();
  expect(await note.count()).toBe(0);
  await page.context().close();
});

test("cancel by keyboard: no reload, a word on it, and the focus is not lost", async () => {
  const { id } = await site.run("eve", { how: "hold", name: "Slow" });
  const page = await pageOf(browser, "eve");
  await page.goto(`${site.url}/`);
  await page.evaluate("globalThis.loaded = 1");
  await tabTo(page, "Cancel: Slow");
  await page.keyboard.press("Enter");
  await page.getByText("“Slow” was asked to stop.").waitFor();
  await untilEnded(site.errand, id);
  await eventually(() => page.locator(`#run-${id} .errand-badge`).textContent()).toBe("Canceled");
  expect(await focused(page)).not.toBe("");
  expect(await page.evaluate("document.activeElement !== document.body")).toBe(true);
  expect(await page.evaluate("globalThis.loaded")).toBe(1);
  await page.context().close();
});

test("a button that has the focus keeps it while the run goes on", async () => {
  const { id } = await site.run("fay", { how: "hold", name: "Slow" });
  const page = await pageOf(browser, "fay");
  await page.goto(`${site.url}/`);
  await tabTo(page, "Delete: Slow");
  site.release(id, 1);
  await page.getByText("3 of 4 steps").waitFor();
  expect(await focused(page)).toBe("Delete: Slow");
  site.release(id, 1);
  await page.locator(`#run-${id}`).getByText("Succeeded").waitFor();
  expect(await focused(page)).toBe("Delete: Slow");
  await page.context().close();
});

test("delete by keyboard: the question is a dialog that can be left, and then the run goes", async () => {
  const { id } = await site.run("gus", { how: "make", name: "Old" });
  await site.run("gus", { how: "make", name: "Kept" });
  const page = await pageOf(browser, "gus");
  await page.goto(`${site.url}/`);
  await page.evaluate("globalThis.loaded = 1");
  const dialog = page.getByRole("dialog", { name: "Delete this task?" });
  for (const leave of ["Escape", "Enter"]) {
    await page.getByRole("link", { name: "Delete: Old" }).focus();
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    expect(await focused(page)).toBe("Keep");
    await page.keyboard.press(leave);
    await dialog.waitFor({ state: "detached" });
    await eventually(() => focused(page)).toBe("Delete: Old");
  }
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await tabTo(page, "Delete");
  await page.keyboard.press("Enter");
  await page.getByText("“Old” was deleted.").waitFor();
  await dialog.waitFor({ state: "detached" });
  expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["Kept"]);
  expect(await site.errand.get(id)).toBeNull();
  await eventually(() => focused(page)).toBe("“Old” was deleted.");
  expect([await page.evaluate("globalThis.loaded"), new URL(page.url()).pathname]).toEqual([1, "/errand/"]);
  await page.context().close();
});

test("run again puts the new run on top and follows it", async () => {
  await site.run("hal", { how: "hold", name: "Report", steps: 3, done: 2 }).then(async ({ id }) => {
    site.release(id);
    await untilEnded(site.errand, id);
  });
  const page = await pageOf(browser, "hal");
  await page.goto(`${site.url}/`);
  await page.getByRole("button", { name: "Run again: Report" }).click();
  await page.getByText("“Report” was started again.").waitFor();
  const [newest] = await site.errand.list({ owner: "hal" }, { limit: 1 });
  const id = newest?.id as string;
  await until(site.errand, id, ({ completedSteps }) => completedSteps === 2);
  site.release(id);
  await page.locator(`#run-${id}`).getByText("Succeeded").waitFor();
  expect(await page.locator(".errand-run").count()).toBe(2);
  await page.context().close();
});

test("an answer that is an error is shown in the server's words", async () => {
  const { id } = await site.run("ida", { how: "make", name: "Report" });
  const page = await pageOf(browser, "ida");
  await page.goto(`${site.url}/`);
  await site.errand.remove(id);
  await page.getByRole("button", { name: "Run again: Report" }).click();
  await page.getByText("Not found.").waitFor();
  expect(await page.getByRole("link", { name: "Go back" }).count()).toBe(1);
  await page.context().close();
});

test("times are the reader's own: their zone, their form", async () => {
  const { run } = await site.run("jim", { how: "make" });
  const format = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  for (const [locale, timezoneId] of [
    ["en-GB", "Europe/Vienna"],
    ["en-US", "America/Los_Angeles"],
    ["de-AT", "Asia/Kathmandu"],
  ] as const) {
    const page = await pageOf(browser, "jim", { locale, timezoneId });
    await page.goto(`${site.url}/`);
    const words = await page.locator(".errand-run time").textContent();
    expect(words).toBe(new Intl.DateTimeFormat(locale, { ...format, timeZone: timezoneId }).format(run.created));
    await page.context().close();
  }
});

test("without JavaScript everything is done by forms and pages, by keyboard too", async () => {
  const held = await site.run("kim", { how: "hold", name: "Slow" });
  const page = await pageOf(browser, "kim", { javaScriptEnabled: false });
  await page.goto(`${site.url}/`);
  expect(await page.locator(".errand-run time").textContent()).toMatch(/ UTC$/);
  expect(await page.locator("noscript p").textContent()).toBe("This page does not update itself. Refresh");
  await page.getByRole("button", { name: "Cancel: Slow" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("“Slow” was asked to stop.").waitFor();
  await untilEnded(site.errand, held.id);
  await page.reload();
  expect(await page.locator(".errand-badge").textContent()).toBe("Canceled");
  await page.getByRole("button", { name: "Run again: Slow" }).press("Enter");
  await page.getByText("“Slow” was started again.").waitFor();
  await page.locator("noscript a").press("Enter");
  await page.getByRole("link", { name: "Delete: Slow" }).last().press("Enter");
  await page.waitForURL("**/delete?**");
  await page.getByRole("link", { name: "Keep" }).press("Enter");
  await page.getByRole("link", { name: "Delete: Slow" }).last().press("Enter");
  await page.getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByText("“Slow” was deleted.").waitFor();
  expect(await site.errand.get(held.id)).toBeNull();
  expect(await page.locator(".errand-run").count()).toBe(1);
  await page.context().close();
});

test("the list is filtered and paged without JavaScript, by links", async () => {
  await Promise.all(Array.from({ length: 23 }, (_, index) => site.run("lou", { how: index < 2 ? "refuse" : "make", name: `Run ${index}` })));
  const page = await pageOf(browser, "lou", { javaScriptEnabled: false });
  await page.goto(`${site.url}/`);
  expect(await page.locator(".errand-run").count()).toBe(20);
  await page.getByRole("link", { name: "Older" }).press("Enter");
  await page.waitForURL("**/?at=**");
  expect(await page.locator(".errand-run").count()).toBe(3);
  await page.getByRole("link", { name: "Newer" }).press("Enter");
  await page.getByRole("link", { name: "Failed" }).press("Enter");
  await page.waitForURL("**/?state=failed");
  expect(await page.locator(".errand-run").count()).toBe(2);
  await page.context().close();
});
