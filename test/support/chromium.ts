import { type Browser, type BrowserContext, chromium, type LaunchOptions } from "playwright-core";
import { afterAll } from "vitest";
import { ensureChromium, launchArguments } from "../../scripts/chromium.ts";

/**
 * A Chromium for one test file, closed when the file is over: `const browser = await openChromium()` at the top of the file.
 * Each visitor is a context of their own: `await browser.newContext()`, or `withoutScripts(browser)`.
 */
export async function openChromium(options: LaunchOptions = {}): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: [...launchArguments], ...options });
  afterAll(() => browser.close());
  return browser;
}

/** A visitor whose browser runs no scripts. */
export function withoutScripts(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ javaScriptEnabled: false });
}
