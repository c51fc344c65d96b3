import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createErrand, type ErrandOptions, UserError } from "../../../src/index.ts";
import { keptLog } from "../fixture.ts";

export const ITEMS = 8;
/** Places of the items that fail. */
export const FAILING = [1, 4, 5];

export interface VisitNote {
  readonly runId: string;
  readonly attempt: number;
  readonly index: number;
}

/** An errand with a task of one loop, which notes its visits in a file: before it leaves something in the store, so that a crash may come between. */
export function openLoop(file: string, options: ErrandOptions = {}) {
  const errand = createErrand({ database: `file:${file}`, broker: "none", log: keptLog(), lease: 600, ...options });
  const task = errand.task({
    name: "loop",
    retries: { times: 3, delay: 0 },
    run: (_, { each, runId, attempt, artifacts }) =>
      each(
        (from?: number) => Array.from({ length: ITEMS - (from ?? 0) }, (_, place) => (from ?? 0) + place + 1),
        { total: ITEMS, cursor: (item) => item },
        async (item, { index }) => {
          appendFileSync(`${file}.visits`, `${JSON.stringify({ runId, attempt, index })}\n`);
          await artifacts.text(`Item ${item}`);
          await pause(40); // So that some of the loop is written on its way.
          if (FAILING.includes(index)) throw new UserError(`${item} failed.`);
        },
      ),
  });
  return { errand, task };
}

export function visitsIn(file: string): VisitNote[] {
  if (!existsSync(`${file}.visits`)) return [];
  return readFileSync(`${file}.visits`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as VisitNote);
}
