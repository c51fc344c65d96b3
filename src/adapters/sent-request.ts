import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { encodeBody } from "./parsed-body.ts";

/** What a framework made of a request that node:http brought. */
export interface FrameworkRequest {
  /** Path and query as the client sent them, before a mount took its prefix away. */
  readonly url: string;
  /** What the router found in the path. */
  readonly params: unknown;
  /** What a body parser left, or the stream that it left the body in; undefined when none has run. */
  readonly body: unknown;
}

/** The request as the client sent it: with its whole path, and with the body that a parser may have taken out of it. @throws Error when the body is lost. */
export function sentRequest(request: Request, incoming: IncomingMessage, { url, body }: FrameworkRequest): Request {
  const isRead = incoming.readableDidRead && request.method !== "GET" && request.method !== "HEAD";
  if (!isRead && incoming.url === url) return request;
  const headers = new Headers(request.headers);
  const init = { method: request.method, headers, signal: request.signal };
  const address = new URL(request.url).origin + url;
  if (!isRead) return new Request(address, { ...init, body: request.body, duplex: "half" });
  headers.delete("content-length");
  headers.delete("content-encoding");
  return new Request(address, { ...init, body: readBody(body, headers.get("content-type") ?? ""), duplex: "half" });
}

function readBody(body: unknown, contentType: string): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  if (body instanceof Readable) return Readable.toWeb(body) as ReadableStream<Uint8Array>;
  if (body !== undefined && !/^multipart\//i.test(contentType)) return encodeBody(body, contentType);
  throw new Error(
    `Another middleware has read this body (${contentType || "of no type"}) and its bytes are gone: put Errand's handler before it, or leave it out for this route.`,
  );
}
