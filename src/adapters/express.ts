import type { IncomingMessage } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Request as ExpressRequest, RequestHandler } from "express";
import type { WebHandler } from "../web/index.ts";
import { encodeBody } from "./parsed-body.ts";

/**
 * Fits a handler to Express 5: `app.all("/orders/:code/cancel", toExpress(handler))`, or `app.use(toExpress(web.handler))`. A body that
 * express.json() or express.urlencoded() has parsed is honoured; files need the body as it came, so a multipart parser must not come before.
 */
export function toExpress(handler: WebHandler): RequestHandler {
  const listener = getRequestListener((request, { incoming }) => {
    const express = incoming as unknown as ExpressRequest;
    return handler(originalRequest(request, express), { params: textParams(express.params) });
  });
  return (request, response, next) => {
    if (isMultipart(request) && request.readableDidRead) {
      next(new Error("Another middleware has read this multipart form already: put toExpress(…) before it, or leave it out for this route."));
    } else {
      listener(request as IncomingMessage, response).catch(next);
    }
  };
}

/** The request with the path that it came to the app with, and with the body that a middleware may have taken out of it. */
function originalRequest(request: Request, express: ExpressRequest): Request {
  const url = new URL(request.url).origin + express.originalUrl;
  const isParsed = express.readableDidRead && express.body !== undefined && request.method !== "GET" && request.method !== "HEAD";
  if (!isParsed && express.url === express.originalUrl) return request;
  const headers = new Headers(request.headers);
  const init = { method: request.method, headers, signal: request.signal };
  if (!isParsed) return new Request(url, { ...init, body: request.body, duplex: "half" });
  headers.delete("content-length");
  headers.delete("content-encoding");
  return new Request(url, { ...init, body: encodeBody(express.body, headers.get("content-type") ?? "") });
}

/** A wildcard's segments become a path again. */
function textParams(params: ExpressRequest["params"]): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value.join("/") : value]));
}

function isMultipart(request: ExpressRequest): boolean {
  return /^multipart\//i.test(request.headers["content-type"] ?? "");
}
