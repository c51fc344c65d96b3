import { accessSync, constants } from "node:fs";
import { pathToFileURL } from "node:url";
import { install, mayInstall } from "./apt.ts";

const usualPlaces = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

/** How the tests start Chromium: no window, and no traffic of its own, so that it works in a closed network. */
export const launchArguments: readonly string[] = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Chromium refuses its sandbox to root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/**
 * The path of a Chromium: CHROMIUM_PATH, or where systems put it. When there is none, root on Debian or Ubuntu installs it with apt.
 * @throws Error with one line that says what to do.
 */
export function ensureChromium(): string {
  const found = findChromium();
  if (found) return found;
  if (!mayInstall()) {
    throw new Error(
      "The browser tests need Chromium, and there is none: install it (on Debian: sudo apt-get install chromium), or set CHROMIUM_PATH to its path.",
    );
  }
  say("There is no Chromium; installing it from the system's packages.");
  try {
    install(["chromium", "fonts-dejavu-core"], say);
  } catch (error) {
    throw new Error(`${(error as Error).message} Install Chromium by hand, or set CHROMIUM_PATH to its path.`);
  }
  const installed = findChromium();
  if (installed) return installed;
  throw new Error(`apt-get installed chromium, but it is at none of ${usualPlaces.join(", ")}: set CHROMIUM_PATH to its path.`);
}

function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (!named) return usualPlaces.find(isExecutable);
  if (isExecutable(named)) return named;
  throw new Error(`CHROMIUM_PATH is ${JSON.stringify(named)}, but there is no program that can be run.`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function say(line: string): void {
  console.error(`chromium: ${line}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(ensureChromium());
  } catch (error) {
    say((error as Error).message);
    process.exitCode = 1;
  }
}
