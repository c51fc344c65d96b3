import type { Middleware, Request } from "koa";
import type { WebHandler } from "../web/index.ts";
import { frameworkListener } from "./framework-listener.ts";

/** What body parsers add to Koa's request. */
interface Parsed {
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/**
 * Fits a handler to Koa 3: `router.all("/orders/:code/cancel", toKoa(handler))` with @koa/router, or as a middleware that answers all that
 * comes to it. A body that a parser has left in `ctx.request.body` is honoured; files need the body as it came, so a multipart parser must
 * not come before. What the handler throws is thrown on, to the middleware above and to Koa.
 */
export function toKoa(handler: WebHandler): Middleware {
  const listen = frameworkListener(handler);
  return (context) => {
    const { body, rawBody } = context.request as Request & Parsed;
    const answering = () => {
      context.respond = false;
    };
    return listen(context.req, context.res, { url: context.originalUrl, params: context.params, body: rawBody ?? body, answering });
  };
}
