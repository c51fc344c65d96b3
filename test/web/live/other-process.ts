// Another process on the same database, `node other-process.ts <database file>`: it performs runs, begins one of its own for ann, prints what it
// does, and deletes that one at SIGUSR2.
import { createErrand } from "../../../src/index.ts";

const [file] = process.argv.slice(2);
const errand = createErrand({ database: `file:${file}`, broker: "database", worker: { concurrency: 4 } });
const talk = errand.task({
  name: "talk",
  run: async (words: unknown, { status }) => {
    for (const word of words as string[]) await status.setState(word);
    return "done";
  },
});
await errand.start();
const alive = setInterval(() => {}, 2 ** 31 - 1);
const run = await talk.start(["Hello", "there"], { owner: "ann", name: "theirs" });
process.stdout.write(`began ${run.id}\n`);
process.once("SIGUSR2", async () => {
  await errand.remove(run.id);
  process.stdout.write("removed\n");
});
process.once("SIGTERM", () => {
  clearInterval(alive);
  void errand.close({ grace: 0 });
});
