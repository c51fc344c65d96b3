import type { Errand } from "errand";

/** The tasks that the measurements run, in whichever process they run. */
export function defineTasks(errand: Errand) {
  return {
    noop: errand.task({ name: "noop", run: () => null }),
    /** Says what it does and then waits to be stopped: what most polls find. */
    quiet: errand.task({
      name: "quiet",
      generateName: () => "Export of Biology",
      calculateTotalSteps: () => 10,
      run: async (_, { status, signal }) => {
        await status.setState("Exporting Chapter 3");
        await status.incrementCompletedSteps(3);
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    }),
    /** For ever, until it is stopped. */
    burn: errand.task({
      name: "burn",
      calculateTotalSteps: () => Number.MAX_SAFE_INTEGER,
      run: async (_, { status }) => {
        for (;;) {
          burn(20);
          await status.incrementCompletedSteps();
        }
      },
    }),
  };
}

/** Keeps one core busy for so many ms. */
function burn(ms: number): void {
  const until = performance.now() + ms;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i);
  if (Number.isNaN(sum)) throw new Error("The sum of square roots is no number.");
}
