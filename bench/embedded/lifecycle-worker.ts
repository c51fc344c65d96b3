import { createErrand } from "errand";
import { interleave, rateLine } from "../measure.ts";
import { startWorker } from "../processes.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";
import { inFlight } from "./in-flight.ts";
import { RawWrites } from "./raw-writes.ts";
import { defineTasks } from "./tasks.ts";

const TASKS = 2000;
const IN_FLIGHT = 50;

/** From `delay` here to its end in `errand worker`, another process on the same file, known here. */
export const lifecycleWorker: Measurement = {
  name: "lifecycle-worker",
  async measure() {
    using scratch = new Scratch();
    using raw = new RawWrites(scratch.file("raw.sqlite"));
    const database = scratch.file("errand.sqlite");
    const errand = createErrand({ database: `file:${database}`, broker: "database", worker: false });
    const { noop } = defineTasks(errand);
    const delayOne = async () => {
      const run = await (await noop.delay(null)).ended();
      if (run.state !== "succeeded") throw new Error(`A run ended ${run.state}.`);
    };
    try {
      await errand.start();
      await using _worker = await startWorker(new URL("./worker-app.ts", import.meta.url), database, ["--concurrency", String(IN_FLIGHT)]);
      const pairs = await interleave(
        () => inFlight(TASKS, IN_FLIGHT, delayOne),
        () => raw.tasksPerSecond(TASKS),
      );
      return [rateLine("lifecycle-worker", "tasks/s", pairs)];
    } finally {
      await errand.close();
    }
  },
};
