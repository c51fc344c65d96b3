// A worker in a process of its own, for the tests of what happens when it dies: `node worker-process.ts <database file> <lease in ms>`.
// It prints "ready", and what its tasks say of themselves.
import { createErrand } from "../../src/index.ts";
import { defineTasks } from "./worker-tasks.ts";

const [file, lease] = process.argv.slice(2);
const errand = createErrand({ database: `file:${file}`, broker: "database", worker: { concurrency: 4 }, lease: Number(lease), sweepEvery: Number(lease) / 3 });
defineTasks(errand, (line) => process.stdout.write(`${line}\n`));
await errand.start();
process.stdout.write("ready\n");
// An errand by itself keeps no process alive.
const alive = setInterval(() => {}, 2 ** 31 - 1);
process.once("SIGTERM", () => {
  clearInterval(alive);
  void errand.close({ grace: "1m" });
});
