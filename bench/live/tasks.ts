import { setTimeout as rest } from "node:timers/promises";
import type { Errand } from "errand";

/** A moment that other processes of this machine understand, ms since 1970. */
export const moment = () => performance.timeOrigin + performance.now();

const STEP_MS = 20;
const UNHURRIED_MS = 1500;

/** The tasks of the suite, in whichever process they run. */
export function defineTasks(errand: Errand) {
  return {
    /** Makes a few steps, and returns when it returned. */
    brief: errand.task({
      name: "brief",
      calculateTotalSteps: () => 5,
      run: async (_, { status }) => {
        for (let step = 0; step < 5; step++) {
          await rest(STEP_MS * (0.5 + Math.random()));
          await status.incrementCompletedSteps();
        }
        return moment();
      },
    }),
    /** Takes long enough for a page to have its stream, and returns when it returned. */
    unhurried: errand.task({
      name: "unhurried",
      run: async () => {
        await rest(UNHURRIED_MS);
        return moment();
      },
    }),
    /** Goes on and on, and says so many times a second, until it is stopped. */
    steady: errand.task({
      name: "steady",
      generateName: () => "Export of Biology",
      run: async (_, { status, signal }) => {
        for (let step = 0; ; step++) {
          await status.setState(`Exporting Chapter ${step}`);
          await rest(STEP_MS, undefined, { signal });
        }
      },
    }),
    /** Never begins. */
    later: errand.task({ name: "later", run: () => null }),
  };
}
