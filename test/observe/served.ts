import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { toNode } from "../../src/adapters/node.ts";
import type { WebHandler } from "../../src/web/index.ts";

/** Serves a handler over HTTP until the test is over. Returns its origin. */
export async function served(handler: WebHandler): Promise<string> {
  const server = createServer(toNode(handler));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
