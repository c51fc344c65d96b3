// A durable listener in a process of its own: `node listener-process.ts <database file> hear|hang <timeout in ms>`. It prints what it begins to hear, and what it has heard.
import { createErrand } from "../../../src/index.ts";

const [file, mode, timeout] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const errand = createErrand({ database: `file:${file}`, broker: "database", worker: false });
errand.on(
  "userTaskStopped",
  async ({ run, eventId }) => {
    say(`hearing ${run.id} ${eventId} ${run.state}`);
    if (mode === "hang") await new Promise(() => {});
    say(`heard ${run.id}`);
  },
  { durable: true, name: "mail", timeout: Number(timeout) },
);
await errand.start();
say("ready");
// An errand by itself keeps no process alive.
const alive = setInterval(() => {}, 2 ** 31 - 1);
process.once("SIGTERM", () => {
  clearInterval(alive);
  void errand.close({ grace: 0 });
});
