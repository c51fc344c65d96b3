import { join } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { rolldown } from "rolldown";
import type { Workshop } from "../workshop.ts";

/** How long a page may take on a slow and busy machine, ms. */
const PATIENCE = 40_000;

/** What test/react/page.tsx offers on its page. */
interface Offered {
  readonly shown: readonly { readonly rev: number | null; readonly text: string; readonly connection: string }[];
  /** Where two parts of the page showed different things. */
  readonly torn: readonly string[];
  functions(): number;
}

/** The page's script as an app's bundler makes it. */
export async function bundledPage(): Promise<string> {
  const define = { "process.env.NODE_ENV": '"development"' };
  const bundle = await rolldown({
    input: join(import.meta.dirname, "../../react/page.tsx"),
    platform: "browser",
    logLevel: "silent",
    transform: { define, jsx: "react-jsx" },
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  return output[0].code;
}

/** One visitor whose pages use `useRun`. */
export class ReactTabs implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly #shop: Workshop;

  private constructor(context: BrowserContext, shop: Workshop) {
    this.context = context;
    this.#shop = shop;
    context.setDefaultTimeout(PATIENCE);
  }

  static async open(browser: Browser, shop: Workshop, script: string): Promise<ReactTabs> {
    const page = (initial = "", html = "") =>
      `<!doctype html><html lang="en"><link rel="icon" href="data:,"><div id="app">${html}</div><script type="application/json" id="initial">${initial}</script><script type="module" src="/page.js"></script></html>`;
    shop.handlers.set("/page.js", async () => new Response(script, { headers: { "content-type": "text/javascript" } }));
    shop.handlers.set("/page", async () => new Response(page(), { headers: { "content-type": "text/html" } }));
    shop.handlers.set("/rendered", async (request) => {
      // The document that an app's server would have read for whoever asks.
      const { initial = "null", html = "" } = Object.fromEntries(new URL(request.url).searchParams);
      return new Response(page(initial.replaceAll("<", "\\u003c"), html), { headers: { "content-type": "text/html" } });
    });
    return new ReactTabs(await browser.newContext(), shop);
  }

  /** Starts a run of `steps` rows as this visitor; resolves with the address of its document. */
  async start(note: string, steps = 4): Promise<string> {
    const response = await this.context.request.post(`${this.#shop.url}/work`, {
      form: { ajax: "1", note, steps: String(steps) },
      headers: { Accept: "application/json", Origin: this.#shop.url },
    });
    const { async_id: id } = (await response.json()) as { async_id: string };
    return `/errand/tasks/${id}/`;
  }

  async tab(run: string | null, query: Record<string, string> = {}, path = "/page"): Promise<ReactTab> {
    const page = await this.context.newPage();
    await page.goto(`${this.#shop.url}${path}?${new URLSearchParams({ ...(run !== null && { run }), ...query })}`);
    await page.waitForFunction("globalThis.page?.loaded");
    return new ReactTab(page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}

export class ReactTab {
  readonly page: Page;
  readonly line: Locator;

  constructor(page: Page) {
    this.page = page;
    this.line = page.locator("#run");
  }

  /** What is shown, such as "3 In Progress: Row 1 of 4 live", without its revision. */
  async text(): Promise<string> {
    return ((await this.line.textContent()) ?? "").replace(/^\d+ /, "").trim();
  }

  /** `setUrl('…')`, `cancel()` and what else page.tsx offers. */
  do<Value = unknown>(call: string): Promise<Value> {
    return this.page.evaluate(`Promise.resolve(page.${call}).then((value) => value, (error) => ({ code: error.code }))`) as Promise<Value>;
  }

  offered(): Promise<Offered> {
    return this.page.evaluate("({ shown: page.shown, torn: page.torn })") as Promise<Offered>;
  }
}
