// The app of every process of an installation: workers load it as the command line does, web processes import it.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { createErrand } from "errand";
import { z } from "zod";

/** Only the task itself ends a canceled run here, never the grace. The lease is one that a busy machine does not lose, and not long to wait for. */
export const errand = createErrand({ lease: "5s", cancelGrace: "1h" });

/** Goes a step on whenever the test puts a file into its folder, and says in which process it is. */
export const guided = errand.task({
  name: "guided",
  input: z.object({ folder: z.string(), steps: z.number().int() }),
  retries: 1,
  calculateTotalSteps: ({ steps }) => steps,
  run: async ({ folder, steps }, { status, signal }) => {
    for (let step = 1; step <= steps; step++) {
      await status.setState(`Step ${step} in process ${process.pid}`);
      try {
        while (!existsSync(join(folder, `step-${step}`))) await rest(10, undefined, { signal });
      } catch (error) {
        writeFileSync(join(folder, "noticed"), String(process.pid));
        throw error;
      }
      await status.incrementCompletedSteps();
    }
    return process.pid;
  },
});
