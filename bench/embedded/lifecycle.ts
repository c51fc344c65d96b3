import { createErrand } from "errand";
import { interleave, rateLine } from "../measure.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";
import { inFlight } from "./in-flight.ts";
import { RawWrites } from "./raw-writes.ts";
import { defineTasks } from "./tasks.ts";

const TASKS = 2000;
const IN_FLIGHT = 50;

/** From `delay` to the end of a task that does nothing, in this process. */
export const lifecycle: Measurement = {
  name: "lifecycle",
  async measure() {
    using scratch = new Scratch();
    using raw = new RawWrites(scratch.file("raw.sqlite"));
    const errand = createErrand({ database: `file:${scratch.file("errand.sqlite")}`, broker: "none" });
    const { noop } = defineTasks(errand);
    const delayOne = async () => {
      const { run } = await noop.delay(null);
      if (run.state !== "succeeded") throw new Error(`A run was ${run.state} when delay returned.`);
    };
    try {
      const pairs = await interleave(
        () => inFlight(TASKS, IN_FLIGHT, delayOne),
        () => raw.tasksPerSecond(TASKS),
      );
      return [rateLine("lifecycle", "tasks/s", pairs)];
    } finally {
      await errand.close();
    }
  },
};
