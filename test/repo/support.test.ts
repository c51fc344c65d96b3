import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { TestModule, TestSpecification, Vitest } from "vitest/node";
import { closingLine } from "../support/closing-line.ts";
import { counted, leakedResources, openFiles } from "../support/leaks.ts";
import LongestFirst, { longest } from "../support/longest-first.ts";
import { freshDatabase, tempDir } from "../support/temp.ts";

test("an open server, a timer and a thread are leaks; once closed they are none", async () => {
  const before = counted();
  // So many that those which the test runner itself starts and ends meanwhile make no difference.
  const timers = Array.from({ length: 20 }, () => setTimeout(() => {}, 60_000));
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const worker = new Worker("setInterval(() => {}, 1000)", { eval: true });
  // Node tells of a new thread only after the turn that made it.
  await once(worker, "online");
  expect(leakedResources(before, counted())).toEqual(expect.arrayContaining(["1 x TCPServerWrap", expect.stringMatching(/^\d\d x Timeout$/), "1 x Worker"]));
  for (const timer of timers) clearTimeout(timer);
  await worker.terminate();
  await new Promise((closed) => server.close(closed));
  // A wait by a timer would be one more timer that is open.
  const deadline = performance.now() + 5000;
  while (leakedResources(before, counted()).length > 0 && performance.now() < deadline) await turn();
  expect(leakedResources(before, counted())).toEqual([]);
});

test.runIf(process.platform === "linux")("a file that is still open is a leak", () => {
  const path = freshDatabase();
  const file = openSync(path, "w");
  expect(openFiles()).toContain(path);
  closeSync(file);
  expect(openFiles()).not.toContain(path);
});

test("each temporary folder is fresh", () => {
  expect(tempDir()).not.toBe(tempDir());
  expect(existsSync(freshDatabase())).toBe(false);
});

test("the closing line counts broken files and stray errors as failures", () => {
  const module = (states: readonly string[], errors: number) =>
    ({
      errors: () => Array.from({ length: errors }),
      children: {
        allSuites: () => [],
        allTests: () => states.map((state) => ({ result: () => ({ state }) })),
      },
    }) as unknown as TestModule;
  expect(closingLine([module(["passed", "passed"], 0)], 0)).toBe("2 passed, 0 failed");
  expect(closingLine([module(["passed", "failed"], 1), module(["skipped"], 0)], 1)).toBe("1 passed, 3 failed, 1 skipped");
});

test("the files that are begun first are there, and each is named once", () => {
  expect(longest.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});

test("within each group the longest come first, in their order, and nothing is lost", async () => {
  const project = (name: string, groupOrder: number) => ({ name, config: { isolate: true, sequence: { groupOrder } } });
  const [unit, browser] = [project("unit", 0), project("browser", 1)];
  const [first, second] = longest as [string, string];
  const files = [
    { project: browser, moduleId: "/x/test/browser/a.test.ts" },
    { project: browser, moduleId: `/x/${second}` },
    { project: unit, moduleId: "/x/test/core/b.test.ts" },
    { project: unit, moduleId: `/x/${second}` },
    { project: unit, moduleId: `/x/${first}` },
  ] as TestSpecification[];
  const nothingKnown = { config: { root: "/x" }, cache: { getFileTestResults: () => undefined, getFileStats: () => undefined } } as unknown as Vitest;
  const sorted = await new LongestFirst(nothingKnown).sort(files);
  expect(sorted.map((file) => files.indexOf(file))).toEqual([4, 3, 2, 1, 0]);
});
