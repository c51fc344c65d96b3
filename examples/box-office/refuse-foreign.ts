import type { MiddlewareHandler } from "hono";

/** Turns away what a page of another site makes a visitor's browser send. Errand's own routes and actions do the same. */
export const refuseForeign: MiddlewareHandler = async (c, next) => {
  const from = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  const isOwn = from === undefined ? origin === undefined || origin === new URL(c.req.url).origin : from === "same-origin" || from === "none";
  if (c.req.method === "GET" || c.req.method === "HEAD" || isOwn) return next();
  return c.text("This request came from another site and was refused.", 403);
};
