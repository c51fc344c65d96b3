import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { untilEnded } from "../../runtime/fixture.ts";
import { openChromium } from "../../support/chromium.ts";
import { eventually } from "../visit.ts";
import { focused, openPagesSite, type PagesSite, pageOf } from "./pages-site.ts";

const browser = await openChromium();
let site: PagesSite;
beforeAll(async () => {
  site = await openPagesSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  for (const { id } of await site.errand.list({}, { limit: 100 })) await site.errand.remove(id);
});

test("rows and overview follow what happens, and ticked boxes stay ticked", async () => {
  const slow = await site.run("ann", { how: "hold", name: "Slow" });
  const made = await site.run("bob", { how: "make", name: "Made" });
  const page = await pageOf(browser, "admin");
  await page.goto(`${site.url}/admin`);
  await page.getByRole("checkbox", { name: "Select: Slow" }).check();
  await page.getByRole("checkbox", { name: "Select: Made" }).check();
  const queue = page.getByRole("row", { name: /^default/ });
  expect(await queue.getByRole("cell").allTextContents()).toEqual(["0", "1", "–"]);
  site.release(slow.id, 1);
  await eventually(() => page.locator(`#run-${slow.id}`).getByRole("progressbar").getAttribute("value")).toBe("75");
  site.release(slow.id, 1);
  await eventually(() => page.locator(`#run-${slow.id} .errand-badge`).textContent()).toBe("Succeeded");
  await page.getByText("Nothing is waiting, nothing is running.").waitFor();
  for (const name of ["Slow", "Made"]) expect(await page.getByRole("checkbox", { name: `Select: ${name}` }).isChecked()).toBe(true);
  expect(await page.getByRole("img", { name: /ended: \d+ succeeded/ }).count()).toBe(1);
  expect(made.id).not.toBe(slow.id);
  await page.context().close();
});

test("the first box ticks all, by keyboard, and what was done is told", async () => {
  for (const name of ["One", "Two", "Three"]) await site.run("ann", { how: "make", name });
  const page = await pageOf(browser, "admin");
  await page.goto(`${site.url}/admin`);
  await page.evaluate("globalThis.loaded = 1");
  const all = page.getByRole("checkbox", { name: "Select all on this page" });
  await all.press("Space");
  expect(await page.getByRole("checkbox", { checked: true }).count()).toBe(4);
  await page.getByRole("checkbox", { name: "Select: Two" }).press("Space");
  expect(await all.evaluate((box) => (box as unknown as { indeterminate: boolean }).indeterminate)).toBe(true);
  await page.getByRole("button", { name: "Delete selected" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Delete 2 tasks?" });
  await dialog.waitFor();
  expect(await dialog.getByRole("listitem").allTextContents()).toEqual(["Three", "One"]);
  await page.keyboard.press("Escape");
  await eventually(() => focused(page)).toBe("Delete selected");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByText("2 tasks were deleted.").waitFor();
  expect(await page.locator("tbody tr[id]").count()).toBe(1);
  expect([await page.evaluate("globalThis.loaded"), new URL(page.url()).pathname]).toEqual([1, "/errand/admin"]);
  expect(await all.isVisible()).toBe(true);
  await page.context().close();
});

test("searching, filtering, canceling and deleting work without JavaScript, by keyboard", async () => {
  const slow = await site.run("ann", { how: "hold", name: "Slow export" });
  await site.run("bob", { how: "make", name: "Made export" });
  await site.run("bob", { how: "refuse", name: "Newsletter" });
  const page = await pageOf(browser, "admin", { javaScriptEnabled: false });
  const rows = () => page.locator("tbody tr[id] th a:first-child").allTextContents();
  await page.goto(`${site.url}/admin`);
  expect(await page.getByRole("checkbox", { name: "Select all on this page" }).isVisible()).toBe(false);
  await page.getByRole("searchbox", { name: "Search" }).fill("export");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/admin?search=export**");
  expect(await rows()).toEqual(["Made export", "Slow export"]);
  await page.getByRole("textbox", { name: "Owner" }).fill("ann");
  await page.getByRole("combobox", { name: "State" }).selectOption("Active");
  await page.getByRole("button", { name: "Show" }).press("Enter");
  await page.waitForURL("**owner=ann**");
  expect(await rows()).toEqual(["Slow export"]);
  await page.getByRole("checkbox", { name: "Select: Slow export" }).press("Space");
  await page.getByRole("button", { name: "Cancel selected" }).press("Enter");
  await page.getByText("1 task was asked to stop.").waitFor();
  await untilEnded(site.errand, slow.id);
  await page.getByRole("link", { name: "Clear" }).press("Enter");
  await page.waitForURL("**/admin");
  await page.getByRole("checkbox", { name: "Select: Newsletter" }).press("Space");
  await page.getByRole("checkbox", { name: "Select: Slow export" }).press("Space");
  await page.getByRole("button", { name: "Delete selected" }).press("Enter");
  await page.getByRole("heading", { name: "Delete 2 tasks?" }).waitFor();
  await page.getByRole("button", { name: "Delete" }).press("Enter");
  await page.getByText("2 tasks were deleted.").waitFor();
  expect(await rows()).toEqual(["Made export"]);
  await page.context().close();
});

test("nobody else is shown the way here, or anything of it", async () => {
  const page = await pageOf(browser, "ann");
  await page.goto(`${site.url}/`);
  expect(await page.getByRole("link", { name: "All tasks" }).count()).toBe(0);
  expect((await page.goto(`${site.url}/admin`))?.status()).toBe(404);
  await page.context().close();
});
