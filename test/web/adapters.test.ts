import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { toExpress } from "../../src/adapters/express.ts";
import { toHono } from "../../src/adapters/hono.ts";
import { toNode } from "../../src/adapters/node.ts";
import { encodeBody } from "../../src/adapters/parsed-body.ts";
import { type Routes, testAdapter } from "./adapter-contract.ts";

const noRouter = { without: { params: "node:http has no router" } };

testAdapter(
  "node:http",
  ({ action, slow, mounted }) => {
    const [start, wait, errand] = [toNode(action), toNode(slow), toNode(mounted)];
    return createServer((incoming, outgoing) => {
      const serve = incoming.url?.startsWith("/errand") ? errand : incoming.url?.includes("/slow") ? wait : start;
      void serve(incoming, outgoing);
    });
  },
  noRouter,
);

function expressApp({ action, slow, mounted }: Routes, ...parsers: express.RequestHandler[]) {
  const app = express();
  app.use(...parsers, (_request, _response, next) => next());
  const shop = express.Router();
  shop.all("/orders/:code/start", toExpress(action));
  shop.all("/orders/:code/slow", toExpress(slow));
  app.use("/shop", shop);
  app.use("/errand", toExpress(mounted));
  // Express takes four parameters for an error handler.
  app.use((error: Error & { status?: number }, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(error.status ?? 500).send(error.message);
  });
  return createServer(app);
}

testAdapter("Express", (routes) => expressApp(routes));
testAdapter("Express after json() and urlencoded()", (routes) => expressApp(routes, express.json(), express.urlencoded()));
testAdapter("Express after json() and urlencoded({ extended: true })", (routes) => expressApp(routes, express.json(), express.urlencoded({ extended: true })));

function honoApp({ action, slow, mounted }: Routes, read?: "parseBody" | "text" | "arrayBuffer") {
  const app = new Hono();
  if (read) {
    app.use(async (context, next) => {
      if (context.req.method === "POST") await context.req[read]();
      await next();
    });
  }
  const shop = new Hono();
  shop.all("/orders/:code/start", toHono(action));
  shop.all("/orders/:code/slow", toHono(slow));
  app.route("/shop", shop);
  app.all("/errand/*", toHono(mounted));
  return createAdaptorServer({ fetch: app.fetch }) as ReturnType<typeof createServer>;
}

testAdapter("Hono", (routes) => honoApp(routes));
testAdapter("Hono after a middleware that read the body as text", (routes) => honoApp(routes, "text"));
testAdapter("Hono after a middleware that read the body as bytes", (routes) => honoApp(routes, "arrayBuffer"));
testAdapter("Hono after a middleware that parsed the body", (routes) => honoApp(routes, "parseBody"));

test("a parsed body becomes what it was parsed from", () => {
  const form = "application/x-www-form-urlencoded";
  expect(encodeBody({ a: "1", list: ["x", "y"], deep: { b: { c: "2" } }, none: null }, form)).toBe("a=1&list=x&list=y&deep%5Bb%5D%5Bc%5D=2&none=");
  expect(encodeBody({ a: [1, { b: null }] }, "application/json")).toBe('{"a":[1,{"b":null}]}');
  expect(encodeBody("text", "text/plain")).toBe("text");
  expect(encodeBody(Buffer.from("bytes"), "application/octet-stream")).toEqual(Uint8Array.from(Buffer.from("bytes")));
});

test("a multipart form that another middleware has read is an error in words, not a form without its files", async () => {
  const app = express();
  app.use(async (request, _response, next) => {
    for await (const chunk of request) if (chunk) continue;
    next();
  });
  app.post(
    "/",
    toExpress(async () => new Response("reached")),
  );
  app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(500).send(error.message);
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const form = new FormData();
  form.append("a", "1");
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { method: "POST", body: form });
  expect([response.status, await response.text()]).toEqual([500, expect.stringContaining("put toExpress(…) before it")]);
  await new Promise((resolve) => server.close(resolve));
});
