import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import Koa, { type Context, type Middleware } from "koa";
import { expect, test } from "vitest";
import { toKoa } from "../../src/adapters/koa.ts";
import { listening, testServer } from "./adapter-contract.ts";
import type { ContractRoutes } from "./contract-app.ts";

/** What a router for Koa does: it finds the parameters; what it was mounted under is gone from `path`, as with koa-mount. */
function route(pattern: string, serve: Middleware): Middleware {
  const [mount, rest = ""] = pattern.split(" ");
  const below = new RegExp(`^${rest.replace(/:(\w+)/, "(?<$1>[^/]+)")}`);
  return async (context, next) => {
    const { path } = context;
    const found = path.startsWith(`${mount}/`) && below.exec(path.slice(mount?.length));
    if (!found) return next();
    context.path = path.slice(mount?.length);
    try {
      Object.assign(context, { params: Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])) });
    } catch {
      return context.throw(400);
    }
    await serve(context, next);
    context.path = path;
  };
}

function koaApp({ action, probe, mounted, trusted }: ContractRoutes, ...parsers: Middleware[]) {
  const app = new Koa();
  app.on("error", () => {});
  for (const parser of parsers) app.use(parser);
  app.use(route("/shop /orders/:code/start", toKoa(action)));
  app.use(route("/shop /orders/:code/probe", toKoa(probe)));
  app.use(route("/errand", toKoa(mounted)));
  app.use(route("/trusted", toKoa(trusted)));
  return createServer(app.callback());
}

/** Reads forms and JSON as koa-bodyparser does. */
function parser(keepsRaw: boolean): Middleware {
  return async (context: Context, next) => {
    const type = context.is("json", "urlencoded");
    if (type) {
      const raw = await text(context.req);
      if (raw.length > 1_048_576) context.throw(413);
      try {
        const body = type === "json" ? JSON.parse(raw) : grouped(new URLSearchParams(raw));
        Object.assign(context.request, keepsRaw ? { body, rawBody: raw } : { body });
      } catch {
        context.throw(400);
      }
    }
    await next();
  };
}

function grouped(form: URLSearchParams): Record<string, string | string[]> {
  const all = [...new Set(form.keys())].map((name) => [name, form.getAll(name)] as const);
  return Object.fromEntries(all.map(([name, values]) => [name, values.length === 1 ? (values[0] as string) : values]));
}

testServer("Koa", (routes) => koaApp(routes));
testServer("Koa after a body parser", (routes) => koaApp(routes, parser(false)));
testServer("Koa after a body parser that keeps the text", (routes) => koaApp(routes, parser(true)));

test("middleware above sees the status, adds headers and cookies, and hears errors", async () => {
  const seen: unknown[] = [];
  const app = new Koa();
  app.use(async (context, next) => {
    context.set("x-frame-options", "DENY");
    context.cookies.set("theirs", "1");
    try {
      await next();
      seen.push(context.status);
    } catch (error) {
      seen.push((error as Error).message);
      context.status = 503;
      context.body = "sorry";
    }
  });
  app.use(
    toKoa(async (request) => {
      if (request.url.endsWith("/throw")) throw new Error("why");
      return new Response("made", { status: 201, headers: { "set-cookie": "ours=2" } });
    }),
  );
  const { base, close } = await listening(createServer(app.callback()));
  const made = await fetch(base);
  expect([made.status, await made.text(), made.headers.get("x-frame-options")]).toEqual([201, "made", "DENY"]);
  expect(made.headers.getSetCookie().toSorted()).toEqual(["ours=2", "theirs=1; path=/; httponly"]);
  const thrown = await fetch(`${base}/throw`);
  expect([thrown.status, await thrown.text()]).toEqual([503, "sorry"]);
  expect(seen).toEqual([201, "why"]);
  await close();
});
