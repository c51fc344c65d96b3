import { createServer, request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { toNode } from "../../src/adapters/node.ts";
import type { WebHandler } from "../../src/web/index.ts";
import { listening, testServer } from "./adapter-contract.ts";

testServer(
  "node:http",
  ({ action, probe, mounted, trusted }) => {
    const onError = () => {};
    const shop: WebHandler = (request) => (new URL(request.url).pathname.endsWith("/probe") ? probe(request) : action(request));
    const routes = [
      { below: "/errand/", serve: toNode(mounted) },
      { below: "/trusted/", serve: toNode(trusted) },
      { below: "/shop/", serve: toNode(shop, { onError }) },
    ];
    return createServer((incoming, outgoing) => {
      const route = routes.find(({ below }) => incoming.url?.startsWith(below));
      if (route) void route.serve(incoming, outgoing);
      else outgoing.writeHead(404).end();
    });
  },
  { noParams: "node:http has no router" },
);

test("what a handler throws is told to onError", async () => {
  const told = Promise.withResolvers<unknown>();
  const fail = toNode(() => Promise.reject(new Error("why")), { onError: told.resolve });
  const { base, close } = await listening(createServer(fail));
  const response = await fetch(base);
  expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
  expect(await told.promise).toEqual(new Error("why"));
  await close();
});

test("a Host that makes no address is 400, and nobody's error", async () => {
  const errors: unknown[] = [];
  const { base, close } = await listening(createServer(toNode(async () => new Response("reached"), { onError: (error) => errors.push(error) })));
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(base, { headers: { host: "a b" }, agent: false }, (response) => resolve(response.resume().statusCode));
    request.once("error", reject).end();
  });
  expect([status, errors]).toEqual([400, []]);
  await close();
});
