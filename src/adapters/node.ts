import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { WebHandler } from "../web/index.ts";

export interface NodeOptions {
  /** Told what the handler threw; the client gets 500 without its words. By default it goes to standard error. */
  readonly onError?: (error: unknown) => void;
}

/** Fits a handler to node:http: `createServer(toNode(handler))`. A client that goes away aborts the request's signal. */
export function toNode(handler: WebHandler, { onError = say }: NodeOptions = {}): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return getRequestListener((request) => handler(request), {
    errorHandler: (error) => {
      // A Host that makes no address is the client's doing.
      if (error instanceof RequestError) return new Response(null, { status: 400 });
      onError(error);
      return new Response("Internal Server Error", { status: 500 });
    },
  });
}

function say(error: unknown): void {
  process.stderr.write(`A request failed. ${error instanceof Error ? error.stack : String(error)}\n`);
}
