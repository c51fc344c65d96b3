// A web process, on the built package as an app has it (Node alone reads no JSX): it starts runs for whoever the header names, shows them, and takes none.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNode } from "errand/node";
import { errandWeb } from "errand/web";
import { errand, guided } from "./app.ts";

const web = errandWeb(errand, {
  identify: (request) => {
    const id = request.headers.get("x-user");
    return id === null ? null : { id };
  },
});
const start = toNode(
  web.asyncAction({
    task: guided,
    input: ({ fields }) => ({ folder: String(fields.folder), steps: Number(fields.steps) }),
    wait: 0,
    successUrl: "/",
    errorUrl: "/",
  }),
);
const mounted = toNode(web.handler);

await errand.start();
const server = createServer((request, response) => (request.url === "/start" ? start(request, response) : mounted(request, response)));
process.once("SIGTERM", () => {
  server.close();
  void errand.close().then(() => process.exit());
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`Listening on ${(server.address() as AddressInfo).port}\n`));
