import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { ensureChromium, launchArguments } from "./chromium.ts";

// Takes the README's picture, docs/dialog.png: the real demo making its 500 tickets, in Chromium. Run `npm run build` before.

const picture = fileURLToPath(new URL("../docs/dialog.png", import.meta.url));
/** How far the bar shall be, percent. */
const FAR_ENOUGH = 62;

const demo = spawn(process.execPath, [fileURLToPath(new URL("../examples/box-office/server.ts", import.meta.url))], {
  env: { ...process.env, PORT: "0" },
  stdio: ["ignore", "pipe", "inherit"],
});
const browser = await chromium.launch({ executablePath: ensureChromium(), args: [...launchArguments] });
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 750 }, colorScheme: "light" });
  await page.goto(await address());
  await page.getByRole("button", { name: "alice" }).click();
  await page.getByText("Signed in as alice").waitFor();
  await page.getByRole("button", { name: "Make tickets" }).click();
  const bar = page.getByRole("dialog").getByRole("progressbar");
  // Its fading in and the bar's sliding are over long before.
  await page.waitForFunction(
    ([element, percent]) => Number(element?.getAttribute("aria-valuenow")) >= percent,
    [await bar.elementHandle(), FAR_ENOUGH] as const,
    { timeout: 0 },
  );
  await page.screenshot({ path: picture });
  console.log(picture);
} finally {
  await browser.close();
  demo.kill();
}

/** Where the demo listens. */
async function address(): Promise<string> {
  for await (const line of createInterface({ input: demo.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url) return url;
  }
  throw new Error("The demo ended before it listened: see above.");
}
