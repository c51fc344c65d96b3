import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** A reporter that closes the output with "N passed, N failed", and ", N skipped" when there are any. A file that could not be loaded, and an error outside of every test, count as failed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    process.stdout.write(`${closingLine(modules, unhandledErrors.length)}\n`);
    const report = process.env.ERRAND_UNFINISHED;
    if (report !== undefined) writeFileSync(report, JSON.stringify(unfinished(modules, unhandledErrors)));
  }
}

/** The files whose process was gone before their end, and how much else was wrong. See scripts/run-tests.ts. */
function unfinished(modules: readonly TestModule[], unhandledErrors: readonly unknown[]) {
  const gone = modules.filter((module) => ["pending", "queued"].includes(module.state()));
  const exits = unhandledErrors.filter((error) => /Worker exited unexpectedly/.test(String((error as Error).cause))).length;
  const failed = modules.filter((module) => module.state() === "failed").length + unhandledErrors.length - exits;
  return { failed, unfinished: exits === gone.length ? gone.map(({ moduleId }) => moduleId) : [] };
}

export function closingLine(modules: readonly Pick<TestModule, "children" | "errors">[], unhandled: number): string {
  const counts = { passed: 0, failed: unhandled, skipped: 0 };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === "pending" ? "skipped" : state] += 1;
    }
  }
  return `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`;
}
