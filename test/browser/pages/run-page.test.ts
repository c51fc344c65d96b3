import { afterAll, beforeAll, expect, test } from "vitest";
import { untilEnded } from "../../runtime/fixture.ts";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { focused, openPagesSite, type PagesSite, pageOf, tabTo } from "./pages-site.ts";

const browser = await openChromium();
let site: PagesSite;
beforeAll(async () => {
  site = await openPagesSite();
});
afterAll(() => site.close());

test("a run's page follows it to its end, and what it returned appears", async () => {
  const { id } = await site.run("ann", { how: "hold", name: "Slow", texts: [["Notes", "Line 1\nLine 2"]] });
  const page = await pageOf(browser, "ann");
  await page.goto(`${site.url}/runs/${id}`);
  expect(await page.getByText("Exporting chapter 3").count()).toBe(1);
  expect(await page.locator("pre").first().textContent()).toBe("Line 1\nLine 2");
  site.release(id);
  await eventually(() => page.locator(".errand-run-head .errand-badge").textContent()).toBe("Succeeded");
  expect(await page.locator(".errand-timeline li").count()).toBe(3);
  const details = page.locator("details");
  expect(await details.getAttribute("open")).toBeNull();
  await details.locator("summary").press("Enter");
  expect(await details.locator("pre").textContent()).toContain('"sections": 4');
  expect(await page.locator(".errand-timeline time").first().textContent()).not.toContain("UTC");
  await page.context().close();
});

test("what a reader has opened stays open when the page is brought up to date", async () => {
  const { id } = await site.run("bob", { how: "make", name: "Made" });
  const page = await pageOf(browser, "bob");
  await page.goto(`${site.url}/runs/${id}`);
  await page.locator("summary").press("Enter");
  await page.locator("article").evaluate((article) => article.setAttribute("data-as-before", ""));
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await page.locator("article[data-as-before]").waitFor({ state: "detached" });
  expect(await page.locator("details").getAttribute("open")).toBe("");
  await page.context().close();
});

test("run again leads to the new run, and back leads back, all without a reload", async () => {
  const { id } = await site.run("cat", { how: "make", name: "Report" });
  const page = await pageOf(browser, "cat");
  await page.goto(`${site.url}/runs/${id}`);
  await page.evaluate("globalThis.loaded = 1");
  await tabTo(page, "Run again: Report");
  await page.keyboard.press("Enter");
  await page.getByText("“Report” was started again.").waitFor();
  expect(new URL(page.url()).pathname).not.toBe(`/errand/runs/${id}`);
  expect(await page.evaluate("globalThis.loaded")).toBe(1);
  expect(await focused(page)).not.toBe("");
  expect(await page.getByRole("link", { name: "an earlier task" }).getAttribute("href")).toBe(`/errand/runs/${id}`);
  await page.goBack();
  await page.locator(`#run-${id}`).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/errand/runs/${id}`);
  await page.context().close();
});

test("a deleted run's page gives way to the list, where the reader is told", async () => {
  const { id } = await site.run("dan", { how: "make", name: "Old" });
  const page = await pageOf(browser, "dan");
  await page.goto(`${site.url}/runs/${id}`);
  await page.getByRole("link", { name: "Delete: Old" }).press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByText("“Old” was deleted.").waitFor();
  expect([new URL(page.url()).pathname, await page.title()]).toEqual(["/errand/", "My tasks"]);
  expect(await page.getByText("Nothing here yet").count()).toBe(1);
  await eventually(() => focused(page)).toBe("“Old” was deleted.");
  await page.context().close();
});

test("a file is downloaded, a text is read on the page, a link leaves without saying where from", async () => {
  const { id } = await site.run("eve", {
    how: "make",
    files: [["Käse.html", "<script>document.title = 'run'</script>"]],
    texts: [["Notes", "<b>not bold</b>"]],
    urls: [["Preview", "https://courses.example/3"]],
  });
  const page = await pageOf(browser, "eve");
  await page.goto(`${site.url}/runs/${id}`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Käse.html" }).click()]);
  expect(download.suggestedFilename()).toBe("Käse.html");
  expect(await page.locator("pre").first().textContent()).toBe("<b>not bold</b>");
  expect(await page.getByRole("link", { name: "Preview" }).getAttribute("rel")).toBe("noopener noreferrer nofollow");
  await page.goto(`${site.url}/`);
  await page.getByRole("link", { name: "Notes" }).press("Enter");
  await page.waitForURL(`**/runs/${id}#artifact-*`);
  await page.context().close();
});

test("without JavaScript the page has all of it, and its forms work", async () => {
  const { id } = await site.run("fay", { how: "hold", name: "Slow" });
  const page = await pageOf(browser, "fay", { javaScriptEnabled: false });
  await page.goto(`${site.url}/runs/${id}`);
  expect(await page.getByRole("progressbar").getAttribute("value")).toBe("50");
  // It says how many steps this page knew of.
  expect(await page.locator("noscript a").getAttribute("href")).toBe(`/errand/runs/${id}?steps=4`);
  await page.getByRole("button", { name: "Cancel: Slow" }).press("Enter");
  await page.getByText("“Slow” was asked to stop.").waitFor();
  await untilEnded(site.errand, id);
  await page.reload();
  expect(await page.locator(".errand-run-head .errand-badge").textContent()).toBe("Canceled");
  expect(await page.locator(".errand-timeline time").first().textContent()).toMatch(/ UTC$/);
  await page.context().close();
});
