import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { UserError } from "../../../src/index.ts";
import { openErrand } from "../fixture.ts";

const ITEMS = 300_000;
/** Far less than the items would take together, and far more than a few of them. */
const MOST_MIB = 24;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test.each([
  ["nothing fails", () => undefined],
  [
    "most items fail",
    (item: { id: number }) => {
      if (item.id % 4 !== 0) throw new UserError(`${item.id} failed.`);
    },
  ],
])(
  "a huge source takes no more memory at its end than at its beginning: %s",
  async (_what, visit) => {
    const heap: number[] = [];
    async function* source() {
      for (let id = 0; id < ITEMS; id++) yield { id, text: "x".repeat(100) + id };
    }
    const task = openErrand().task({
      name: "t",
      run: (_, { each }) =>
        each(source(), { total: ITEMS, cursor: false }, (item) => {
          // Once there is as much as there ever is: ten thousand failures, and two writes of progress.
          if (item.id === 60_000 || item.id === ITEMS - 1) {
            collect();
            heap.push(process.memoryUsage().heapUsed / 1_048_576);
          }
          visit(item);
        }).then(() => null),
    });
    const run = await task.delay(null);
    expect(run.run).toMatchObject({ state: "succeeded", completedSteps: ITEMS });
    const [early = 0, late = 0] = heap;
    expect(late - early).toBeLessThan(MOST_MIB);
  },
  60_000,
);
