// A process of an app that mails its users, on the built package: `node notify-machine.ts web|worker <address of the mail server>`.
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as rest } from "node:timers/promises";
import { createErrand } from "errand";
import { toNode } from "errand/node";
import { emailNotifier } from "errand/notify/email";
import { errandWeb } from "errand/web";

const [role, transport = ""] = process.argv.slice(2);
const errand = createErrand({
  worker: role === "worker",
  notify: {
    channels: [emailNotifier({ transport, from: "tickets@box-office.example" })],
    to: (owner) => ({ email: `${owner}@example.org` }),
  },
});
errand.task({
  name: "guided",
  notify: "absent",
  run: async (file, { signal }) => {
    while (!existsSync(String(file))) await rest(10, undefined, { signal });
    return null;
  },
});
await errand.start();
const web = errandWeb(errand, {
  identify: (request) => {
    const id = request.headers.get("x-user");
    return id === null ? null : { id };
  },
});
const server = createServer(toNode(web.handler));
process.once("SIGTERM", () => {
  void errand.close().then(() => process.exit());
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`Listening on ${(server.address() as AddressInfo).port}\n`));
