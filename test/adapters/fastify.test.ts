import { createGunzip, gzipSync } from "node:zlib";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { expect, test } from "vitest";
import { passBodies, toFastify } from "../../src/adapters/fastify.ts";
import { listening, testServer } from "./adapter-contract.ts";
import type { ContractRoutes } from "./contract-app.ts";

async function fastifyApp({ action, probe, mounted, trusted }: ContractRoutes, prepare: (scope: FastifyInstance) => void) {
  const app = Fastify({ forceCloseConnections: true });
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => reply.code(error.statusCode ?? 500).send("The app's own page"));
  await app.register(async (scope) => {
    prepare(scope);
    await scope.register(
      async (shop) => {
        shop.all("/orders/:code/start", toFastify(action));
        shop.all("/orders/:code/probe", toFastify(probe));
      },
      { prefix: "/shop" },
    );
    scope.all("/errand/*", toFastify(mounted));
    scope.all("/trusted/*", toFastify(trusted));
  });
  await app.ready();
  return app.server;
}

/** Fastify's own parser of JSON, one for forms such as @fastify/formbody has, and one that leaves files unread, as @fastify/multipart does. */
function parseBodies(scope: FastifyInstance): void {
  scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) => {
    const form = new URLSearchParams(body as string);
    done(null, Object.fromEntries([...form.keys()].map((name) => [name, form.getAll(name)])));
  });
  scope.addContentTypeParser("multipart/form-data", (_request, _payload, done) => done(null));
}

testServer("Fastify", (routes) => fastifyApp(routes, passBodies));
testServer("Fastify after its own parsers", (routes) => fastifyApp(routes, parseBodies));

test("outside of passBodies the app keeps its parsers; headers, cookies and hooks of the app stay", async () => {
  const app = Fastify({ forceCloseConnections: true });
  const responded: number[] = [];
  const heard = Promise.withResolvers<void>();
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("x-frame-options", "DENY").header("set-cookie", "theirs=1").header("set-cookie", "theirs=2");
  });
  app.addHook("onResponse", async (_request, reply) => {
    responded.push(reply.statusCode);
    heard.resolve();
  });
  app.post("/own", async (request) => ({ got: request.body }));
  await app.register(async (scope) => {
    passBodies(scope);
    scope.post(
      "/ours",
      toFastify(async (request) => new Response(await request.text(), { status: 201, headers: { "set-cookie": "ours=3" } })),
    );
  });
  await app.ready();
  const { base, close } = await listening(app.server);
  const init = { method: "POST", body: '{"a": 1}', headers: { "content-type": "application/json" } };
  const ours = await fetch(`${base}/ours`, init);
  expect([ours.status, await ours.text(), ours.headers.get("x-frame-options")]).toEqual([201, '{"a": 1}', "DENY"]);
  expect(ours.headers.getSetCookie().toSorted()).toEqual(["ours=3", "theirs=1", "theirs=2"]);
  await heard.promise;
  expect(responded).toEqual([201]);
  expect(await (await fetch(`${base}/own`, init)).json()).toEqual({ got: { a: 1 } });
  await close();
});

test("from the first byte on Fastify holds the reply for sent, and sends nothing of its own", async () => {
  const app = Fastify({ forceCloseConnections: true });
  const canceled = Promise.withResolvers<void>();
  const open = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
    cancel: () => canceled.resolve(),
  });
  const serve = toFastify(async () => new Response(open));
  let reply: FastifyReply | undefined;
  app.get("/", (request, given) => {
    reply = given;
    return serve(request, given);
  });
  await app.ready();
  const { base, close } = await listening(app.server);
  const response = await fetch(base);
  expect(reply?.sent).toBe(true);
  await response.body?.cancel();
  await canceled.promise;
  await close();
});

test("a body that a hook has unpacked is read from where the hook put it", async () => {
  const app = Fastify({ forceCloseConnections: true });
  app.addHook("preParsing", async (_request, _reply, payload) => payload.pipe(createGunzip()));
  passBodies(app);
  app.post(
    "/",
    toFastify(async (request) => new Response(await request.text())),
  );
  await app.ready();
  const { base, close } = await listening(app.server);
  const response = await fetch(base, {
    method: "POST",
    body: gzipSync("a=1"),
    headers: { "content-type": "application/x-www-form-urlencoded", "content-encoding": "gzip" },
  });
  expect(await response.text()).toBe("a=1");
  await close();
});
