import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { WebHandler } from "../web/index.ts";

/** Fits a handler to node:http: `createServer(toNode(handler))`. A client that goes away aborts the request's signal. */
export function toNode(handler: WebHandler): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return getRequestListener((request) => handler(request));
}
