import type { RequestHandler } from "express";
import type { WebHandler } from "../web/index.ts";
import { frameworkListener } from "./framework-listener.ts";

/**
 * Fits a handler to Express 5: `app.all("/orders/:code/cancel", toExpress(handler))`, or `app.use("/errand", toExpress(web.handler))`. A body
 * that express.json() or express.urlencoded() has parsed is honoured; files need the body as it came, so a multipart parser must not come
 * before. What the handler throws goes to the app's error handler.
 */
export function toExpress(handler: WebHandler): RequestHandler {
  const listen = frameworkListener(handler);
  return (request, response, next) => {
    const { originalUrl: url, params, body } = request;
    listen(request, response, { url, params, body }).catch(next);
  };
}
