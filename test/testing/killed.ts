import { crashAt, inlineErrand } from "../../src/testing/index.ts";

// Begins a run in the database that it is given, and is killed as it records the end.
const crash = crashAt("before settle", { how: "kill" });
const errand = inlineErrand({ file: process.argv[2] as string, crash });
const task = errand.task({ name: "t", retries: 1, run: (_, { attempt }) => attempt });
const id = errand.newRunId();
process.stdout.write(`began ${id}\n`);
await (await task.start(null, { id })).ended();
process.stdout.write("settled\n");
