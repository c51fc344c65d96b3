import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../support/chromium.ts";
import { eventually, form, sticksOut, styleOf, visit } from "./visit.ts";
import { Workshop } from "./workshop.ts";

const browser = await openChromium();
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

test("the dialog follows a run to its end and to the page after it", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog, bar, status } = visitor;
  await visitor.send();
  await dialog.waitFor();
  expect(await dialog.getByRole("heading").textContent()).toBe("We are processing your request …");
  await eventually(() => status.textContent()).toBe("Row 1 of 4, Ada");
  expect(await bar.getAttribute("aria-valuenow")).toBeNull();
  shop.rows.let(2);
  await eventually(() => status.textContent()).toBe("Row 3 of 4, Ada");
  await eventually(() => bar.getAttribute("aria-valuenow")).toBe("50");
  expect([await bar.getAttribute("aria-valuemin"), await bar.getAttribute("aria-valuemax"), await bar.getAttribute("aria-label")]).toEqual([
    "0",
    "100",
    "We are processing your request …",
  ]);
  expect(await dialog.locator(".errand-meter span").textContent()).toBe("50 %");
  // The words of the next row may come with the half, or a moment after it.
  expect(await dialog.getByRole("status").textContent()).toMatch(/^Row [23] of 4, Ada 50 %$/);
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toMatch(/^\/work\?async_id=[0-9a-f-]{36}$/);
  expect((await visitor.events()).slice(0, 2)).toEqual(["errand:start", "errand:progress"]);
  shop.rows.let(2);
  await page.waitForURL("**/done");
  expect(await page.locator("#flash").textContent()).toBe("Made for Ada by main, 0 bytes");
});

test("it speaks of the form's own matter, in plain text", async () => {
  const attributes = 'data-asynctask-headline="Printing <b>tickets</b> …" data-asynctask-text="They come &lt;script&gt;by mail&lt;/script&gt;."';
  await using visitor = await visit(
    browser,
    shop,
    form(attributes, '<input type="hidden" name="note" value="&lt;img src=x onerror=document.title=1&gt;">').replace('value="Ada"', "disabled"),
  );
  await visitor.send();
  await eventually(() => visitor.status.textContent()).toBe("Row 1 of 4, <img src=x onerror=document.title=1>");
  expect(await visitor.dialog.getByRole("heading").textContent()).toBe("Printing <b>tickets</b> …");
  expect(await visitor.dialog.getByText("They come").textContent()).toBe("They come <script>by mail</script>.");
  expect(await visitor.dialog.locator("b, img, script").count()).toBe(0);
  expect(await visitor.page.title()).toBe("Box office");
});

test("a form for long work says how long it takes, besides what is being done", async () => {
  await using visitor = await visit(browser, shop, form("data-asynctask-long"));
  await visitor.send();
  await eventually(() => visitor.status.textContent()).toBe("Your request is being processed. This can take a few minutes.\nRow 1 of 4, Ada");
});

test("the focus goes into the dialog, stays there, and goes back", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog } = visitor;
  const button = page.getByRole("button", { name: "Send" });
  await button.focus();
  await page.keyboard.press("Enter");
  const cancel = dialog.getByRole("button", { name: "Cancel" });
  await cancel.waitFor();
  expect(await dialog.evaluate((element) => element.matches(":modal:focus"))).toBe(true);
  await page.keyboard.press("Tab");
  expect(await dialog.getByRole("button", { name: "Continue in background" }).evaluate((element) => element.matches(":focus"))).toBe(true);
  await page.keyboard.press("Tab");
  expect(await cancel.evaluate((element) => element.matches(":focus"))).toBe(true);
  await page.keyboard.press("Escape");
  await eventually(() => dialog.evaluate((element) => element.matches(":modal"))).toBe(false);
  expect(await button.evaluate((element) => element.matches(":focus"))).toBe(true);
  expect(await dialog.getByRole("button", { name: "Close" }).isVisible()).toBe(true);
});

test("Escape leaves the run going in a notice, which leads on when it has ended", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog } = visitor;
  await visitor.send();
  await dialog.getByRole("button", { name: "Cancel" }).waitFor();
  await page.keyboard.press("Escape");
  await eventually(() => page.url()).toBe(`${shop.url}/`);
  await page.getByLabel("Note").fill("the page can be used");
  shop.rows.let(3);
  await eventually(() => visitor.bar.getAttribute("aria-valuenow")).toBe("75");
  shop.rows.let(1);
  const link = dialog.getByRole("link", { name: "Continue" });
  await link.waitFor();
  expect(await dialog.getByRole("heading").textContent()).toBe("Done");
  expect(await visitor.status.textContent()).toBe("Made for Ada by main, 0 bytes");
  expect(await page.getByLabel("Note").evaluate((element) => element.matches(":focus"))).toBe(true);
  expect(page.url()).toBe(`${shop.url}/`);
  await link.click();
  await page.waitForURL("**/done");
  // The notice has said it already.
  expect(await page.locator("#flash").textContent()).toBe("");
});

test("'Continue in background' and then the form once more: the same run again", async () => {
  await using visitor = await visit(browser, shop, form());
  const { page, dialog } = visitor;
  await visitor.send();
  await dialog.getByRole("button", { name: "Cancel" }).waitFor();
  await dialog.getByRole("button", { name: "Continue in background" }).click();
  await eventually(() => dialog.evaluate((element) => element.matches(":modal"))).toBe(false);
  await visitor.send();
  await eventually(() => dialog.evaluate((element) => element.matches(":modal"))).toBe(true);
  expect(shop.count("POST /work")).toBe(1);
  await page.keyboard.press("Escape");
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "detached" });
  expect((await shop.runs()).map(({ state }) => state)).toEqual(["in_progress"]);
});

test("Cancel stops the run and goes to the page for that", async () => {
  await using visitor = await visit(browser, shop, form());
  await visitor.send();
  await visitor.dialog.getByRole("button", { name: "Cancel" }).click();
  await visitor.page.waitForURL("**/failed");
  expect(await visitor.page.locator("#flash").textContent()).toBe("The task was canceled.");
  expect((await shop.runs()).map(({ state }) => state)).toEqual(["canceled"]);
});

test("a double click starts one run, and its second click does not press what came up under it", async () => {
  const large = form("", "<style>form button { position: fixed; inset: 0; inline-size: 100% }</style>");
  await using first = await visit(browser, shop, large);
  await first.send();
  await first.dialog.getByRole("button", { name: "Cancel" }).waitFor();
  const place = (await first.dialog.getByRole("button", { name: "Continue in background" }).boundingBox())!;
  await first.dialog.getByRole("button", { name: "Cancel" }).click();
  await first.page.waitForURL("**/failed");
  await using visitor = await visit(browser, shop, large);
  await visitor.page.mouse.dblclick(place.x + place.width / 2, place.y + place.height / 2);
  await eventually(() => visitor.status.textContent()).toBe("Row 1 of 4, Ada");
  expect(await visitor.dialog.evaluate((element) => element.matches(":modal"))).toBe(true);
  expect((await shop.runs()).map(({ state }) => state).sort()).toEqual(["canceled", "in_progress"]);
});

test("a failed run leads to the page for that, with the task's own words", async () => {
  await using visitor = await visit(browser, shop, form().replace("Ada", "fail"));
  shop.rows.let(4);
  await visitor.send();
  await visitor.page.waitForURL("**/failed");
  expect(await visitor.page.locator("#flash").textContent()).toBe("The paper has run out.");
});

test.for([
  ["de", "Wir bearbeiten Ihre Anfrage …", "Abbrechen", "Im Hintergrund fortsetzen"],
  ["fr", "Nous traitons votre demande …", "Annuler", "Continuer en arrière-plan"],
  ["es", "Estamos procesando su solicitud …", "Cancelar", "Continuar en segundo plano"],
  ["pt", "We are processing your request …", "Cancel", "Continue in background"],
] as const)("on a page in %s it says: %s", async ([language, headline, cancel, background]) => {
  shop.language = language;
  await using visitor = await visit(browser, shop, form());
  await visitor.send();
  await visitor.dialog.getByRole("button", { name: cancel, exact: true }).waitFor();
  expect(await visitor.dialog.getByRole("heading").textContent()).toBe(headline);
  expect(await visitor.dialog.getByRole("button", { name: background }).isVisible()).toBe(true);
});

test("it is as dark as the page, and the page's own style does not reach it", async () => {
  const looks = async (colorScheme: "dark" | "light") => {
    await using visitor = await visit(browser, shop, form(), { colorScheme });
    await visitor.send();
    await visitor.dialog.getByRole("button", { name: "Cancel" }).waitFor();
    return await styleOf(visitor.dialog, ["backgroundColor", "color", "fontFamily"]);
  };
  expect(await looks("light")).toEqual(["rgb(255, 255, 255)", "rgb(34, 37, 42)", "system-ui, sans-serif"]);
  expect(await looks("dark")).toEqual(["rgb(31, 34, 38)", "rgb(230, 231, 233)", "system-ui, sans-serif"]);
});

test("on a screen 320 pixels wide nothing sticks out, whatever the words", async () => {
  const long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(3);
  await using visitor = await visit(browser, shop, form(`data-asynctask-headline="${long}"`).replace("Ada", long), { viewport: { width: 320, height: 480 } });
  const { page, dialog } = visitor;
  await visitor.send();
  await eventually(() => visitor.status.textContent()).toContain("Row 1 of 4");
  expect(await sticksOut(dialog)).toBe(false);
  await page.keyboard.press("Escape");
  await eventually(() => dialog.evaluate((element) => element.matches(":modal"))).toBe(false);
  expect(await sticksOut(dialog)).toBe(false);
});
