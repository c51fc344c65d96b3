import { setTimeout as wait } from "node:timers/promises";
import type { Errand, Task } from "errand";
import { z } from "zod";

const SECONDS = "Enter a number of seconds from 0 to 600.";
const STEPS = "Enter a whole number of steps from 1 to 1000.";

const input = z.object({
  seconds: numeric(SECONDS).refine((seconds) => seconds >= 0 && seconds <= 600, SECONDS),
  steps: numeric(STEPS).refine((steps) => Number.isInteger(steps) && steps >= 1 && steps <= 1000, STEPS),
});

export interface SleepInput {
  readonly seconds: string | number;
  readonly steps: string | number;
}

export interface Slept {
  readonly seconds: number;
  readonly steps: number;
}

/** Does nothing, step by step: for trying out pages, cancels and workers. */
export function sleepTask(errand: Errand): Task<SleepInput, Slept> {
  return errand.task({
    name: "sleep",
    input,
    generateName: ({ seconds }) => `Sleep for ${seconds} s`,
    calculateTotalSteps: ({ steps }) => steps,
    retries: 2,
    async run({ seconds, steps }, { status, signal }) {
      for (let step = 1; step <= steps; step++) {
        await status.setState(`Step ${step} of ${steps}`);
        await wait((seconds * 1000) / steps, undefined, { signal });
        await status.incrementCompletedSteps();
      }
      return { seconds, steps };
    },
  });
}

/** A number, or the text of one as forms send it. */
function numeric(message: string) {
  return z.union([z.number(message), z.string(message).trim().min(1, message).transform(Number).pipe(z.number(message))], message);
}
