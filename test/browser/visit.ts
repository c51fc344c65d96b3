import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Workshop } from "./workshop.ts";

/** How long a page may take on a slow and busy machine, ms. */
const PATIENCE = 30_000;

/** The form of the tests. `attributes` go on the form, `inner` stands in it before its button. */
export function form(attributes = "", inner = ""): string {
  return `<form id="form" method="post" action="/work" data-asynctask ${attributes}>
<p><label>Note <input name="note" value="Ada"></label></p>${inner}<p><button name="button" value="main">Send</button></p></form>`;
}

/** What a visitor's dialog consists of. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly dialog: Locator;
  readonly bar: Locator;
  readonly status: Locator;
  /** What the form told of itself, such as "errand:start". */
  events(): Promise<string[]>;
  send(): Promise<void>;
}

/** A visitor of their own who has opened `path`, which shows `html`. */
export async function visit(browser: Browser, shop: Workshop, html: string, options: BrowserContextOptions = {}, path = "/"): Promise<Visit> {
  shop.pages.set(path, html);
  for (const end of ["/done", "/other-done", "/failed"]) shop.pages.set(end, `<p id="end">${end}</p>`);
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  if (options.javaScriptEnabled !== false) await page.addInitScript(listen);
  await page.goto(shop.url + path);
  return { ...partsOf(page), [Symbol.asyncDispose]: () => context.close() };
}

export function partsOf(page: Page): Omit<Visit, typeof Symbol.asyncDispose> {
  return {
    page,
    dialog: page.getByRole("dialog"),
    bar: page.getByRole("progressbar"),
    status: page.locator(".errand-status"),
    events: () => page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard),
    send: () => page.getByRole("button", { name: "Send" }).click(),
  };
}

/** Runs in the page, before its own scripts. */
function listen(): void {
  const scope = globalThis as unknown as {
    heard: string[];
    addEventListener(name: string, listener: (event: { type: string; detail: unknown }) => void): void;
  };
  scope.heard = [];
  for (const name of ["start", "progress", "success", "error", "canceled", "end"])
    scope.addEventListener(`errand:${name}`, ({ type }) => {
      if (scope.heard.at(-1) !== type) scope.heard.push(type);
    });
  scope.addEventListener("pretix:async-task-success", ({ type }) => scope.heard.push(type));
}

/** What the browser makes of these properties of an element's style. */
export function styleOf(element: Locator, properties: readonly string[]): Promise<string[]> {
  return element.evaluate((found, names) => {
    const scope = globalThis as unknown as { getComputedStyle(of: unknown): Record<string, string> };
    const style = scope.getComputedStyle(found);
    return names.map((name) => style[name] ?? "");
  }, properties);
}

/** Whether a part of an element is out of sight or of its own frame. */
export function sticksOut(element: Locator): Promise<boolean> {
  return element.evaluate((found) => {
    const scope = globalThis as unknown as { innerWidth: number; innerHeight: number };
    const { left, right, top, bottom } = found.getBoundingClientRect();
    return found.scrollWidth > found.clientWidth || left < 0 || right > scope.innerWidth || top < 0 || bottom > scope.innerHeight;
  });
}

/** Waits until `read()` is as expected: `await eventually(() => bar.getAttribute("aria-valuenow")).toBe("50")`. */
export function eventually<Value>(read: () => Value | Promise<Value>) {
  return expect.poll(read, { timeout: PATIENCE });
}
