import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../support/chromium.ts";
import { eventually, form, styleOf, visit } from "./visit.ts";
import { Workshop } from "./workshop.ts";

const browser = await openChromium();
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test.for([200, 400, 422])("a form that comes back as HTML with %i takes the page's place, and works", async (status) => {
  const work = shop.handlers.get("/work")!;
  shop.handlers.set("/work", async (request, context) => {
    const fields = request.method === "POST" ? await request.clone().formData() : undefined;
    if (fields?.get("note") !== "wrong") return work(request, context);
    const body = `<title>Check the form</title><p id="problem">Wrong note</p><script>document.title = "run"</script>${form().replace("<input", '<input aria-invalid="true"')}`;
    return new Response(body, { status, headers: { "content-type": "text/html; charset=utf-8" } });
  });
  await using visitor = await visit(browser, shop, form().replace("Ada", "wrong"));
  const { page, dialog } = visitor;
  await page.evaluate("document.addEventListener('errand:page', () => (globalThis.isNew = true)); 0");
  await visitor.send();
  expect(await page.locator("#problem").textContent()).toBe("Wrong note");
  expect([await dialog.count(), page.url(), await page.title(), await page.evaluate("globalThis.isNew")]).toEqual([0, `${shop.url}/`, "Check the form", true]);
  expect(await page.getByLabel("Note").evaluate((field) => field.matches(":focus"))).toBe(true);
  shop.rows.let(4);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/done");
  expect((await shop.runs()).length).toBe(1);
});

test("errors of fields stand by their fields until the next try, and nothing typed is lost", async () => {
  const steps = '<label>Rows <input name="steps" value="many" aria-describedby="hint"></label><p id="hint">How many</p>';
  await using visitor = await visit(browser, shop, form("", steps));
  const { page, dialog } = visitor;
  await page.getByLabel("Note").fill("typed");
  const rows = page.getByLabel("Rows");
  await visitor.send();
  const summary = page.getByRole("alert");
  await summary.waitFor();
  expect(await summary.textContent()).toBe("Some of what was sent is not valid, so nothing was started.");
  const note = page.locator("p.errand-field-error");
  expect(await note.textContent()).toContain("expected number");
  expect([await rows.getAttribute("aria-invalid"), await rows.getAttribute("aria-describedby")]).toEqual(["true", `hint ${await note.getAttribute("id")}`]);
  expect(await styleOf(note, ["color"])).toEqual(["rgb(163, 38, 28)"]);
  expect(await rows.evaluate((field) => field.matches(":focus"))).toBe(true);
  expect([await page.getByLabel("Note").inputValue(), await dialog.count(), page.url()]).toEqual(["typed", 0, `${shop.url}/`]);
  expect(await visitor.events()).toEqual(["errand:error"]);
  await rows.fill("1");
  await visitor.send();
  await dialog.getByRole("button", { name: "Cancel" }).waitFor();
  expect([await summary.count(), await note.count(), await rows.getAttribute("aria-invalid"), await rows.getAttribute("aria-describedby")]).toEqual([
    0,
    0,
    null,
    "hint",
  ]);
  shop.rows.let(1);
  await page.waitForURL("**/done");
});

test("what is wrong with the form as a whole stands at its top", async () => {
  await using visitor = await visit(browser, shop, form().replace("Ada", "refused"));
  await visitor.send();
  const summary = visitor.page.getByRole("alert");
  expect(await summary.textContent()).toContain("Nothing is sold today.");
  expect(await summary.evaluate((element) => element.matches("#form > :first-child:focus"))).toBe(true);
});

test("a large file: first how much of it has gone out, then what is made of it", async () => {
  const size = 3_000_000;
  await using visitor = await visit(browser, shop, form("", '<input type="file" name="file" aria-label="File">'));
  const { page, dialog, bar, status } = visitor;
  await page.getByLabel("File").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.alloc(size, "a") });
  const network = await page.context().newCDPSession(page);
  const speed = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: size / 5 };
  await network.send("Network.emulateNetworkConditions", speed);
  await visitor.send();
  const isCounting = () =>
    dialog.evaluate((element) => element.querySelector("[role=progressbar][aria-valuenow]") && element.querySelector(".errand-status")?.textContent);
  await eventually(isCounting).toBe("Sending your request …");
  await eventually(() => status.textContent()).toBe("Row 1 of 4, Ada");
  expect(await bar.getAttribute("aria-valuenow")).toBeNull();
  shop.rows.let(4);
  await page.waitForURL("**/done");
  expect(await page.locator("#flash").textContent()).toBe(`Made for Ada by main, ${size} bytes`);
});

test("the button that was pressed counts: its name and value, and its formaction", async () => {
  await using visitor = await visit(browser, shop, form("", '<button name="button" value="second" formaction="/other">Elsewhere</button>'));
  shop.rows.let(4);
  await visitor.page.getByRole("button", { name: "Elsewhere" }).click();
  await visitor.page.waitForURL("**/other-done");
  expect(await visitor.page.locator("#flash").textContent()).toBe("Made for Ada by second, 0 bytes");
});

test("a button with data-no-asynctask sends the form as if there were no script", async () => {
  await using visitor = await visit(browser, shop, form("", "<button data-no-asynctask>Plainly</button>"));
  await visitor.page.getByRole("button", { name: "Plainly" }).click();
  await visitor.page.locator("main.errand-page").waitFor();
  expect(await visitor.dialog.count()).toBe(0);
});

test("other forms, and submits that the page itself stopped, are left alone", async () => {
  await using visitor = await visit(
    browser,
    shop,
    `${form()}<form action="/done"><button>Search</button></form><form action="/done" data-asynctask><button>Find</button></form>`,
  );
  const { page } = visitor;
  await page.evaluate("document.getElementById('form').addEventListener('submit', (event) => event.preventDefault()); 0");
  await visitor.send();
  expect([await visitor.dialog.count(), shop.count("POST /work")]).toEqual([0, 0]);
  for (const name of ["Search", "Find"]) {
    await page.goto(shop.url);
    await page.getByRole("button", { name }).click();
    await page.waitForURL("**/done?");
  }
});

test("a download: the dialog goes, the page stays as it was", async () => {
  serveReport();
  await using visitor = await visit(browser, shop, form("data-asynctask-download").replace("/work", "/report"));
  const { page, dialog } = visitor;
  shop.rows.let(4);
  const [download] = await Promise.all([page.waitForEvent("download"), visitor.send()]);
  expect(await readFile(await download.path(), "utf8")).toBe("Ada,1\n");
  await dialog.waitFor({ state: "detached" });
  expect(page.url()).toBe(`${shop.url}/`);
});

test("a download that was not announced: after a while the dialog says that it is done", async () => {
  serveReport();
  await using visitor = await visit(browser, shop, form().replace("/work", "/report"));
  const { page, dialog } = visitor;
  shop.rows.let(4);
  await Promise.all([page.waitForEvent("download"), visitor.send()]);
  await dialog.getByRole("heading", { name: "Done" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await eventually(() => page.url()).toBe(`${shop.url}/`);
});

test("data-asynctask-no-redirect: the page stays, says what came, and leaves no message for another page", async () => {
  await using visitor = await visit(browser, shop, form("data-asynctask-no-redirect"));
  const { page, dialog, status } = visitor;
  shop.rows.let(4);
  await visitor.send();
  await dialog.getByRole("heading", { name: "Done" }).waitFor();
  expect(await status.textContent()).toBe("Made for Ada by main, 0 bytes");
  expect(await dialog.getByRole("link").count()).toBe(0);
  expect(await dialog.evaluate((element) => element.matches(":modal"))).toBe(false);
  await eventually(() => page.url()).toBe(`${shop.url}/`);
  const events = await visitor.events();
  expect([events[0], ...events.slice(-3)]).toEqual(["errand:start", "errand:success", "pretix:async-task-success", "errand:end"]);
  shop.rows.let(4);
  await visitor.send();
  await eventually(() => shop.count("POST /work")).toBe(2);
  await dialog.getByRole("heading", { name: "Done" }).waitFor();
  await page.goto(`${shop.url}/done`);
  expect(await page.locator("#flash").textContent()).toBe("");
});

test("the page may take the end into its own hands", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog } = visitor;
  await page.evaluate("document.addEventListener('errand:end', (event) => { event.preventDefault(); document.title = event.detail.redirect }); 0");
  shop.rows.let(4);
  await visitor.send();
  await eventually(() => page.title()).toBe("/done");
  await dialog.waitFor({ state: "detached" });
  await eventually(() => page.url()).toBe(`${shop.url}/`);
});

test("a run that is no longer the visitor's ends the waiting with the server's words", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog, status } = visitor;
  await visitor.send();
  await dialog.getByRole("button", { name: "Cancel" }).waitFor();
  await page.context().clearCookies();
  await dialog.getByRole("heading", { name: "This did not work" }).waitFor();
  expect([await status.textContent(), page.url()]).toEqual(["Not found.", `${shop.url}/`]);
  expect(await dialog.evaluate((element) => element.matches(":modal"))).toBe(true);
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "detached" });
});

function serveReport(): void {
  const headers = { "content-type": "text/csv", "content-disposition": 'attachment; filename="report.csv"' };
  shop.handlers.set("/report.csv", async () => new Response("Ada,1\n", { headers }));
}
