import { DatabaseSync } from "node:sqlite";
import { createErrand, type Status, UserError } from "errand";
import { z } from "zod";
import { budgetLine, interleave, repeat } from "../measure.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";

const CALLS = 100_000;
/** What a call may add to the task's loop, µs. */
const CALL_BUDGET = 1;
/** How many writes of progress a task may cause, a second. */
const WRITE_BUDGET = 20;
/** How long a task calls without a rest to count its writes, ms. */
const COUNTED_FOR = 1500;

/** What reporting every step costs a task, and how often it makes the store write. */
export const progress: Measurement = {
  name: "progress",
  async measure() {
    using scratch = new Scratch();
    const file = scratch.file("errand.sqlite");
    const errand = createErrand({ database: `file:${file}`, broker: "none" });
    const loop = errand.task({
      name: "loop",
      input: z.object({ reports: z.boolean(), fails: z.boolean() }),
      calculateTotalSteps: () => 2 * CALLS,
      run: async ({ reports, fails }, { status }) => {
        const begun = performance.now();
        const sum = reports ? await reportingLoop(status) : silentLoop();
        if (fails) throw new UserError("The second half is missing.");
        return { sum, took: performance.now() - begun };
      },
    });
    const busy = errand.task({
      name: "busy",
      calculateTotalSteps: () => Number.MAX_SAFE_INTEGER,
      run: async (_, { status }) => {
        const begun = performance.now();
        while (performance.now() - begun < COUNTED_FOR) await status.incrementCompletedSteps();
        return performance.now() - begun;
      },
    });
    /** µs of one round of the loop. */
    const perRound = async (reports: boolean) => ((await (await loop.delay({ reports, fails: false })).result()).took * 1000) / CALLS;
    // A success completes all steps by itself; a failure leaves those that were counted.
    const countIsDurable = async () => {
      const { id } = await loop.delay({ reports: true, fails: true });
      const { completed_steps: completed } = storedRun(file, id);
      if (completed !== CALLS) throw new Error(`${CALLS} steps were completed, but ${completed} are stored.`);
    };
    const writesPerSecond = async () => {
      const run = await busy.delay(null);
      // Besides the progress: the insert, the claim and the end.
      return ((storedRun(file, run.id).rev - 3) * 1000) / (await run.result());
    };
    try {
      await countIsDurable();
      const rounds = await interleave(
        () => perRound(true),
        () => perRound(false),
      );
      const added = rounds.map(({ ours, reference }) => ours - reference);
      return [
        budgetLine("progress", "µs added a call", CALL_BUDGET, added),
        budgetLine("progress-writes", "writes/s", WRITE_BUDGET, await repeat(writesPerSecond, 5)),
      ];
    } finally {
      await errand.close();
    }
  },
};

async function reportingLoop(status: Status): Promise<number> {
  let sum = 0;
  for (let call = 0; call < CALLS; call++) {
    sum += call;
    await status.incrementCompletedSteps();
  }
  return sum;
}

function silentLoop(): number {
  let sum = 0;
  for (let call = 0; call < CALLS; call++) sum += call;
  return sum;
}

/** What another process would find. */
function storedRun(file: string, id: string): { rev: number; completed_steps: number } {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare("SELECT rev, completed_steps FROM errand_runs WHERE id = ?").get(id) as { rev: number; completed_steps: number };
  } finally {
    db.close();
  }
}
