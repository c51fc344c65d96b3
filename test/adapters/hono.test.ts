import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { toHono } from "../../src/adapters/hono.ts";
import { testServer } from "./adapter-contract.ts";
import type { ContractRoutes } from "./contract-app.ts";

function honoApp({ action, probe, mounted, trusted }: ContractRoutes, read?: "parseBody" | "text" | "arrayBuffer"): Server {
  const app = new Hono();
  if (read) {
    app.use(async (context, next) => {
      if (context.req.method === "POST") await context.req[read]();
      await next();
    });
  }
  const shop = new Hono();
  shop.all("/orders/:code/start", toHono(action));
  shop.all("/orders/:code/probe", toHono(probe));
  app.route("/shop", shop);
  app.all("/errand/*", toHono(mounted));
  app.all("/trusted/*", toHono(trusted));
  app.onError((_error, context) => context.text("The app's own page", 500));
  return createAdaptorServer({ fetch: app.fetch }) as Server;
}

testServer("Hono", (routes) => honoApp(routes));
testServer("Hono after a middleware that read the body as text", (routes) => honoApp(routes, "text"));
testServer("Hono after a middleware that read the body as bytes", (routes) => honoApp(routes, "arrayBuffer"));
testServer("Hono after a middleware that parsed the body", (routes) => honoApp(routes, "parseBody"));
