import { defineConfig } from "vitest/config";
import LongestFirst from "./test/support/longest-first.ts";
import { patiently } from "./test/support/patiently.ts";

/** No test measures time; this only ends one that hangs, on a slow and busy machine too. ms */
const testTimeout = 60_000;
const setupFiles = ["test/support/leaks.ts"];

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "hono/jsx" } },
  test: {
    pool: "forks",
    // V8 13.6 may lose count of its code pages where threads come and go, and ends the process (nodejs/node#64500): here hundreds do. Freed by one thread, they are counted right.
    execArgv: ["--no-concurrent-sweeping", "--no-memory-protection-keys"],
    // More than CI has cores: most tests wait most of their time, for a lease, a pause or a process of theirs.
    maxWorkers: 4,
    // A second, which it is otherwise, is soon over on a busy machine.
    expect: { poll: patiently },
    sequence: { sequencer: LongestFirst },
    dangerouslyIgnoreUnhandledErrors: false,
    passWithNoTests: false,
    reporters: ["default", "./test/support/closing-line.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
          exclude: ["test/browser/**", "test/conformance/**", "test/demo/**/*.browser.test.ts"],
          setupFiles,
          testTimeout,
          hookTimeout: testTimeout,
        },
      },
      {
        extends: true,
        test: { name: "conformance", include: ["test/conformance/**/*.test.ts"], setupFiles, testTimeout, hookTimeout: testTimeout },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts", "test/demo/**/*.browser.test.ts"],
          setupFiles,
          testTimeout: 2 * testTimeout,
          hookTimeout: 2 * testTimeout,
          // A Chromium is several processes, and what it draws has to come in time.
          maxWorkers: 2,
          // After everything else, so that a busy machine does not slow the pages down.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
