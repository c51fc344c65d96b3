import { type Browser, chromium } from "playwright-core";
import { ensureChromium, launchArguments } from "../../scripts/chromium.ts";
import { budgetLine, tell } from "../measure.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";
import { startWeb, type Web } from "./web.ts";

/** Longest that the dialog of a run that has ended may take to leave the page, ms. */
const BUDGET = 100;
const ROUNDS = 15;

/** From a task's return to the moment at which a Chromium on whose page the dialog is begins to load the next one. */
export const redirect: Measurement = {
  name: "redirect",
  async measure() {
    using scratch = new Scratch();
    await using web = await startWeb(`file:${scratch.file("errand.sqlite")}`, "none");
    const browser = await chromium.launch({ executablePath: ensureChromium(), args: [...launchArguments] });
    try {
      const times: number[] = [];
      // The first does not count, while code is compiled and caches fill.
      for (let round = 0; round <= ROUNDS; round++) {
        const time = await leave(browser, web, `user-${round}`);
        if (round > 0) times.push(time);
      }
      tell(`redirect: ${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} ms`);
      return [budgetLine("redirect", "ms p50", BUDGET, times)];
    } finally {
      await browser.close();
    }
  },
};

async function leave(browser: Browser, web: Web, user: string): Promise<number> {
  const context = await browser.newContext({ extraHTTPHeaders: { "x-user": user } });
  try {
    const origin = `http://127.0.0.1:${web.port}`;
    const page = await context.newPage();
    await page.goto(`${origin}/form`);
    await page.getByRole("button").click();
    await page.waitForURL("**/done");
    const began = await page.evaluate<number>("performance.timeOrigin");
    const [run] = (await (await context.request.get(`${origin}/errand/tasks/`)).json()) as { result: number }[];
    if (!run) throw new Error("The form started no run.");
    return began - run.result;
  } finally {
    await context.close();
  }
}
