import type { Context } from "hono";
import type { WebHandler } from "../web/index.ts";

/** Fits a handler to Hono: `app.all("/orders/:code/cancel", toHono(handler))`. A body that a middleware has read with `c.req` is read again. */
export function toHono(handler: WebHandler): (context: Context) => Promise<Response> {
  return (context) => {
    const { req } = context;
    const about = { params: req.param() };
    return Object.keys(req.bodyCache).length === 0 ? handler(req.raw, about) : unread(context).then((request) => handler(request, about));
  };
}

/** The request with the body that was read. */
async function unread({ req }: Context): Promise<Request> {
  // Hono turns what it keeps back into bytes; a form gets a new boundary, so the type comes from the same conversion.
  const body = await req.blob();
  const headers = new Headers(req.raw.headers);
  headers.delete("content-length");
  if (body.type.startsWith("multipart/")) headers.set("content-type", body.type);
  return new Request(req.url, { method: req.method, headers, body, signal: req.raw.signal });
}
