import { afterEach, beforeEach, expect, test } from "vitest";
import { openChromium } from "../../support/chromium.ts";
import { eventually, form, visit } from "../visit.ts";
import { Workshop } from "../workshop.ts";

const browser = await openChromium();
const script = '<script type="module" src="/errand/errand-elements.js"></script>';
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.stop());

/** A visitor with a run under way, on a page that embeds it. */
async function embedded(attributes = "", note = "Ada") {
  const visitor = await visit(browser, shop, form().replace("Ada", note));
  await visitor.send();
  await eventually(() => shop.runs().then((runs) => runs.length)).toBe(1);
  const [{ id } = { id: "" }] = await shop.runs();
  shop.pages.set("/page", `${script}<errand-run src="/errand/tasks/${id}/" ${attributes}></errand-run>`);
  await visitor.page.addInitScript(
    "globalThis.told = []; for (const name of ['errand:progress', 'errand:end']) addEventListener(name, ({ type, detail }) => told.push([type, detail.state])); 0",
  );
  await visitor.page.goto(`${shop.url}/page`);
  return { ...visitor, id, element: visitor.page.locator("errand-run"), [Symbol.asyncDispose]: visitor[Symbol.asyncDispose] };
}

test("one run on a page of the app: followed to its end, with its events", async () => {
  await using visitor = await embedded();
  const { page, element, bar } = visitor;
  await eventually(() => element.locator(".status").textContent()).toBe("Row 1 of 4, Ada");
  expect([await bar.getAttribute("aria-label"), await bar.getAttribute("aria-valuenow")]).toEqual(["Tickets for Ada", null]);
  await eventually(() => shop.streams).toBe(1);
  shop.rows.let(1);
  await eventually(() => bar.getAttribute("aria-valuenow")).toBe("25");
  shop.rows.let(3);
  await eventually(() => element.locator(".status").textContent()).toBe("Succeeded");
  expect(await bar.count()).toBe(0);
  const told = await page.evaluate<[string, string][]>("told");
  expect(told.filter(([type]) => type === "errand:end")).toEqual([["errand:end", "Succeeded"]]);
  expect(told[0]?.[0]).toBe("errand:progress");
  await eventually(() => shop.streams).toBe(0);
});

test("Cancel, and the focus is not lost", async () => {
  await using visitor = await embedded();
  const { page, element } = visitor;
  const cancel = element.getByRole("button", { name: "Cancel: Tickets for Ada" });
  await cancel.press("Enter");
  await eventually(() => element.locator(".status").textContent()).toBe("Canceled");
  expect(await cancel.count()).toBe(0);
  expect(await page.evaluate("document.querySelector('errand-run').shadowRoot.activeElement?.textContent")).toBe("Tickets for Ada");
});

test("why a run failed, in the task's own words", async () => {
  await using visitor = await embedded("", "fail");
  shop.rows.let(4);
  await eventually(() => visitor.element.locator(".status").textContent()).toBe("The paper has run out.");
});

test("a run that is not there, another in its place, and no address at all", async () => {
  await using visitor = await embedded();
  const { page, element, id } = visitor;
  await element.evaluate((run) => run.setAttribute("src", "/errand/tasks/0190a5d0-0000-7000-8000-000000000000/"));
  await eventually(() => element.locator(".status").textContent()).toBe("There is no such task any more.");
  await element.evaluate((run, src) => run.setAttribute("src", src), `/errand/tasks/${id}/`);
  await eventually(() => element.locator(".status").textContent()).toBe("Row 1 of 4, Ada");
  await element.evaluate((run) => run.setAttribute("src", "https://other.example/errand/tasks/1/"));
  await eventually(() => element.locator(".status").count()).toBe(0);
  await page.evaluate("document.querySelector('errand-run').remove()");
  await eventually(() => shop.streams).toBe(0);
});

test("a run that is deleted", async () => {
  await using visitor = await embedded();
  await eventually(() => shop.streams).toBe(1);
  await shop.errand.remove(visitor.id);
  await eventually(() => visitor.element.locator(".status").textContent()).toBe("There is no such task any more.");
});
