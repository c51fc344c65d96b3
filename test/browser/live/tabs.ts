import type { Browser, BrowserContext, Page } from "playwright-core";
import { form, partsOf } from "../visit.ts";
import type { Workshop } from "../workshop.ts";

/** So long a page may take on a slow and busy machine, ms. */
const PATIENCE = 40_000;

/** A page of a browser with what its dialog consists of, and what it said and did since it was opened. */
export type Tab = ReturnType<typeof partsOf> & {
  /** What a screen reader was told, in order. */
  said(): Promise<string[]>;
};

/** One browser of one visitor, with as many pages as are opened. */
export class Tabs implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly #url: string;

  private constructor(context: BrowserContext, url: string) {
    this.context = context;
    this.#url = url;
  }

  /** `url`: where the site is for this browser, such as a proxy's; its own by default. */
  static async open(browser: Browser, shop: Workshop, url = shop.url): Promise<Tabs> {
    showForm(shop);
    return Tabs.of(await browser.newContext(), url);
  }

  /** The same in a browser that has been opened otherwise. */
  static async of(context: BrowserContext, url: string): Promise<Tabs> {
    context.setDefaultTimeout(PATIENCE);
    await context.addInitScript(listen);
    return new Tabs(context, url);
  }

  async tab(path = "/"): Promise<Tab> {
    const page = await this.context.newPage();
    await page.goto(this.#url + path);
    return { ...partsOf(page), said: () => said(page) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}

/** Puts the form on the site's first page, and what comes after it. `inner` stands in the form. */
export function showForm(shop: Workshop, inner = ""): void {
  shop.pages.set("/", form("", inner));
  for (const end of ["/done", "/failed"]) shop.pages.set(end, `<p id="end">${end}</p>`);
}

/** Announcements outlive the page that they were made on. */
async function said(page: Page): Promise<string[]> {
  return JSON.parse(await page.evaluate("sessionStorage.getItem('said') ?? '[]'")) as string[];
}

/** Runs in each page before its own scripts: notes what is written into a live region of the dialogs' shadow tree. */
function listen(): void {
  const scope = globalThis as unknown as {
    sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
    Element: { prototype: { attachShadow(init: unknown): unknown } };
    MutationObserver: new (onChange: (records: { target: Node }[]) => void) => { observe(target: unknown, options: unknown): void };
  };
  type Node = { closest?(selector: string): Node | null; parentElement: Node | null; textContent: string | null };
  const note = (records: { target: Node }[]) => {
    for (const { target } of records) {
      const region = (target.closest ? target : target.parentElement)?.closest?.("[role=status]");
      const text = region?.textContent?.trim();
      if (!text) continue;
      const all = JSON.parse(scope.sessionStorage.getItem("said") ?? "[]") as string[];
      scope.sessionStorage.setItem("said", JSON.stringify([...all, text]));
    }
  };
  const attach = scope.Element.prototype.attachShadow;
  scope.Element.prototype.attachShadow = function (init: unknown) {
    const root = attach.call(this, init);
    new scope.MutationObserver(note).observe(root, { childList: true, characterData: true, subtree: true });
    return root;
  };
}
