import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type BrowserContext, chromium } from "playwright-core";
import { ensureChromium, launchArguments } from "../../../scripts/chromium.ts";
import { tempDir } from "../../support/temp.ts";

/** A Chromium as it is, whose pages can be hidden and frozen: one that Playwright starts takes every page for one that is looked at. */
export class PlainChromium implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly #close: () => Promise<void>;

  private constructor(context: BrowserContext, close: () => Promise<void>) {
    this.context = context;
    this.#close = close;
  }

  static async open(): Promise<PlainChromium> {
    const args = [...launchArguments, "--remote-debugging-port=0", `--user-data-dir=${tempDir()}`, "about:blank"];
    const program = spawn(ensureChromium(), args, { stdio: ["ignore", "ignore", "pipe"] });
    const ended = once(program, "exit");
    const browser = await chromium.connectOverCDP(await address(program.stderr), { noDefaults: true });
    return new PlainChromium(browser.contexts()[0] as BrowserContext, async () => {
      await browser.close();
      program.kill("SIGKILL");
      await ended;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

async function address(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const [url] = /ws:\S+/.exec(line) ?? [];
    if (url) {
      stderr.resume();
      return url;
    }
  }
  throw new Error("Chromium ended before it said where it listens.");
}
