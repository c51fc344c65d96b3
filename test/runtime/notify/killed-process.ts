// A process that performs a run and is to tell its owner: `node killed-process.ts <database file> <address of the mail server> <wait>`. It prints
// what it does, and hangs where it would look for the owner's address.
import { createErrand } from "../../../src/index.ts";
import { emailNotifier } from "../../../src/notifiers/email.ts";

const [file, transport = "", wait] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const errand = createErrand({
  database: `file:${file}`,
  notify: {
    channels: [emailNotifier({ transport, from: "tickets@box-office.example", timeout: "1s" })],
    when: "absent",
    wait: Number(wait),
    to: () => {
      say("sending");
      return new Promise(() => {});
    },
  },
});
const run = await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "ann" });
say(`ended ${run.id}`);
// An errand by itself keeps no process alive.
setInterval(() => {}, 2 ** 31 - 1);
