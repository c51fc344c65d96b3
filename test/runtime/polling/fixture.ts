import { createErrand, type Errand, type ErrandOptions, type Log } from "../../../src/index.ts";

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** An errand on this file, with tasks to find by address. `seen` gathers the inputs that were worked on. */
export function openPolling(file: string, options: ErrandOptions = {}) {
  const errand: Errand = createErrand({ database: `file:${file}`, broker: "database", log: quiet, ...options });
  const seen: unknown[] = [];
  const gate = { wait: undefined as Promise<void> | undefined };
  const add = errand.task({
    name: "add",
    run: async (input) => {
      seen.push(input);
      await gate.wait;
      const { x, y, fail } = input as { x: number; y: number; fail?: string };
      if (fail) throw new Error(fail);
      return x + y;
    },
  });
  return { errand, polling: errand.polling, add, seen, gate };
}
