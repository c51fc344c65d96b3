import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { form, partsOf } from "../visit.ts";
import type { Workshop } from "../workshop.ts";

/** The script of the elements, and a tray as an app's layout has it. */
const layout = `<script type="module" src="/errand/errand-elements.js"></script><errand-tray notify></errand-tray>`;

/** How long a page may take on a slow and busy machine, ms. */
const PATIENCE = 30_000;

export type TrayVisit = AsyncDisposable &
  ReturnType<typeof partsOf> & {
    readonly tray: Locator;
    /** The lines of the tray, such as "Tickets for Ada". */
    names(): Promise<string[]>;
    /** What the tray told screen readers, in order. */
    said(): Promise<string[]>;
    /** Sends the form, and goes on with the page while the run goes on. */
    toBackground(): Promise<void>;
  };

/** A visitor of a site with the tray on every page. */
export async function visitWithTray(browser: Browser, shop: Workshop, options: BrowserContextOptions = {}, inner = ""): Promise<TrayVisit> {
  shop.pages.set("/", form("", inner) + layout);
  for (const path of ["/elsewhere", "/done", "/failed"]) shop.pages.set(path, `<p id="end">${path}</p>${layout}`);
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.addInitScript(listen);
  await page.goto(shop.url);
  const parts = partsOf(page);
  const tray = page.getByRole("region");
  return {
    ...parts,
    tray,
    names: () => tray.locator(".name").allTextContents(),
    said: () => page.evaluate("globalThis.said"),
    async toBackground() {
      await parts.send();
      await parts.dialog.getByRole("button", { name: "Cancel" }).waitFor();
      await trayHolds(page);
      await parts.dialog.getByRole("button", { name: "Continue in background" }).click();
      await tray.waitFor();
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Behind the dialog the tray cannot be seen by its role. */
async function trayHolds(page: Page): Promise<void> {
  await page.locator("errand-tray .name").first().waitFor({ state: "attached" });
}

/** Runs in each page before its own scripts: notes what the tray says aloud. */
function listen(): void {
  type Region = { closest?(selector: string): Region | null; parentElement: Region | null; textContent: string | null };
  const scope = globalThis as unknown as {
    said: string[];
    Element: { prototype: { attachShadow(this: { localName: string }, init: unknown): unknown } };
    MutationObserver: new (onChange: (records: { target: Region }[]) => void) => { observe(target: unknown, options: unknown): void };
  };
  scope.said = [];
  const attach = scope.Element.prototype.attachShadow;
  scope.Element.prototype.attachShadow = function (init: unknown) {
    const root = attach.call(this, init);
    if (this.localName.startsWith("errand-"))
      new scope.MutationObserver((records) => {
        for (const { target } of records) {
          const text = (target.closest ? target : target.parentElement)?.closest?.("[role=status]")?.textContent;
          if (text) scope.said.push(text);
        }
      }).observe(root, { childList: true, characterData: true, subtree: true });
    return root;
  };
}
