import type { Errand } from "../../src/index.ts";

export const ROWS = 200;

/** The tasks that the worker process and the test have in common. `say` tells the test what a task does. */
export function defineTasks(errand: Errand, say: (line: string) => void) {
  return {
    /** Hangs in its first attempt, after a step and an artifact; later ones end. */
    hang: errand.task({
      name: "hang",
      retries: { times: 1, delay: 0 },
      calculateTotalSteps: () => 2,
      run: async (_, { attempt, status, artifacts }) => {
        if (attempt > 1) return `attempt ${attempt}`;
        await status.incrementCompletedSteps();
        await artifacts.append("half.txt", "half");
        say("hanging");
        return new Promise<string>(() => {});
      },
    }),
    /** The same, and is not to be repeated. */
    hangOnce: errand.task({
      name: "hang_once",
      run: async () => {
        say("hanging");
        return new Promise<string>(() => {});
      },
    }),
    /** Ends with a file, slowly enough to be killed anywhere. */
    write: errand.task({
      name: "write",
      retries: { times: 20, delay: 0 },
      calculateTotalSteps: () => ROWS,
      run: async (_, { attempt, status, artifacts }) => {
        say(`attempt ${attempt}`);
        for (let row = 1; row <= ROWS; row++) {
          await artifacts.append("rows.txt", `${row}\n`);
          await status.incrementCompletedSteps();
        }
        return attempt;
      },
    }),
    /** Keeps its thread busy for so many ms, and never yields. */
    burn: errand.task({
      name: "burn",
      run: (ms) => {
        say("burning");
        for (const end = performance.now() + Number(ms); performance.now() < end; );
        return "burnt";
      },
    }),
    /** Never yields and never ends. */
    loop: errand.task({
      name: "loop",
      timeout: "1s",
      retries: { times: 1, delay: 0 },
      run: (_, { attempt }) => {
        if (attempt > 1) return "second";
        say("looping");
        for (;;);
      },
    }),
  };
}
