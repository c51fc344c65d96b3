import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { afterAll } from "vitest";
import { removeTempDirs } from "./temp.ts";

// A setup file: it is loaded before each test file, so its afterAll runs after all of that file's own.

/** How long a closed handle may take to be gone, ms. */
const SETTLE_MS = 3000;

const threads = new Set<Worker>();
process.on("worker", (worker) => {
  threads.add(worker);
  worker.once("exit", () => threads.delete(worker));
});

const before = counted();

afterAll(async () => {
  const deadline = performance.now() + SETTLE_MS;
  let leaks = found();
  while (leaks.length > 0 && performance.now() < deadline) {
    await rest(10, undefined, { ref: false });
    leaks = found();
  }
  removeTempDirs();
  if (leaks.length > 0) throw new Error(`This test file left open: ${leaks.join(", ")}. Close what it started.`);
});

function found(): string[] {
  return [...leakedResources(before, counted()), ...openFiles()];
}

/** What is open now and was not before, such as "2 x TCPServerWrap". */
export function leakedResources(earlier: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): string[] {
  return [...now].map(([type, count]) => [type, count - (earlier.get(type) ?? 0)] as const).flatMap(([type, more]) => (more > 0 ? [`${more} x ${type}`] : []));
}

/** Whatever keeps the process alive, by type: sockets, servers, timers, watchers, child processes; and threads, unreferenced ones too. */
export function counted(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts.set("Worker", threads.size);
}

/** Open files in the temporary folders of this project's tests, for instance of a store that was not closed. Linux only. */
export function openFiles(): string[] {
  if (process.platform !== "linux") return [];
  const prefix = join(realpathSync(tmpdir()), "errand-");
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(prefix) ? [target] : [];
    } catch {
      return []; // Closed since the list was made.
    }
  });
}
