import { createServer } from "node:http";
import express from "express";
import { expect, test } from "vitest";
import { toExpress } from "../../src/adapters/express.ts";
import { listening, testServer } from "./adapter-contract.ts";
import type { ContractRoutes } from "./contract-app.ts";

function expressApp({ action, probe, mounted, trusted }: ContractRoutes, ...parsers: express.RequestHandler[]) {
  const app = express();
  app.use(...parsers, (_request, _response, next) => next());
  const shop = express.Router();
  shop.all("/orders/:code/start", toExpress(action));
  shop.all("/orders/:code/probe", toExpress(probe));
  app.use("/shop", shop);
  app.use("/errand", toExpress(mounted));
  app.use("/trusted", toExpress(trusted));
  // Express takes four parameters for an error handler.
  app.use((error: Error & { status?: number }, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(error.status ?? 500).send(`The app's own page for ${error.name}`);
  });
  return createServer(app);
}

testServer("Express", (routes) => expressApp(routes));
testServer("Express after json() and urlencoded()", (routes) => expressApp(routes, express.json(), express.urlencoded()));
testServer("Express after json() and urlencoded({ extended: true })", (routes) => expressApp(routes, express.json(), express.urlencoded({ extended: true })));

test("a multipart form that another middleware has read is an error in words, not a form without its files", async () => {
  const app = express();
  app.use(async (request, _response, next) => {
    for await (const chunk of request) if (chunk) continue;
    request.body = { title: "what multer leaves" };
    next();
  });
  app.post(
    "/",
    toExpress(async (request) => new Response(await request.text())),
  );
  app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(500).send(error.message);
  });
  const { base, close } = await listening(createServer(app));
  const form = new FormData();
  form.append("a", "1");
  const response = await fetch(base, { method: "POST", body: form });
  expect([response.status, await response.text()]).toEqual([500, expect.stringContaining("put Errand's handler before it")]);
  await close();
});

test("a body that somebody has read and not kept is an error too", async () => {
  const app = express();
  app.use(express.text({ type: "text/*" }), (request, _response, next) => {
    request.body = undefined;
    next();
  });
  app.post(
    "/",
    toExpress(async (request) => new Response(await request.text())),
  );
  app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(500).send(error.message);
  });
  const { base, close } = await listening(createServer(app));
  const response = await fetch(base, { method: "POST", body: "text" });
  expect(await response.text()).toContain("its bytes are gone");
  await close();
});

test("what earlier middleware has set goes along: headers, cookies, Vary", async () => {
  const app = express();
  app.use((_request, response, next) => {
    response.set("x-frame-options", "DENY").vary("Origin").cookie("theirs", "1");
    next();
  });
  app.get(
    "/",
    toExpress(async () => new Response("hello", { headers: { "set-cookie": "ours=2", vary: "Cookie" } })),
  );
  app.get(
    "/away",
    toExpress(async () => Response.redirect("https://tickets.example/")),
  );
  const { base, close } = await listening(createServer(app));
  const { headers } = await fetch(base);
  expect(headers.getSetCookie().toSorted()).toEqual(["ours=2", "theirs=1; Path=/"]);
  expect([headers.get("x-frame-options"), headers.get("vary")]).toEqual(["DENY", "Cookie, Origin"]);
  const away = await fetch(`${base}/away`, { redirect: "manual" });
  expect([away.status, away.headers.getSetCookie()]).toEqual([302, ["theirs=1; Path=/"]]);
  await close();
});
