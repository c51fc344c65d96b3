import { NotFound } from "errand";
import { toHono } from "errand/hono";
import type { WebHandler } from "errand/web";
import type { Context, Hono } from "hono";
import { findCountry } from "../coastline/countries.ts";
import { outlineOf } from "../coastline/outline.ts";
import { coastlinePage } from "../pages/coastline.ts";
import { publicPage, secured } from "../pages/page.ts";
import { sumPage } from "../pages/sum.ts";
import type { Parts } from "./parts.ts";

/** GET /add/:x/:y/ and GET /coastline/:country/: worked out once, kept for everybody. GET /add/ and /coastline/ take what a form sends. */
export function addAnswers(app: Hono, { tasks, web }: Parts): void {
  const add = web.pollingView(tasks.add, {
    input: ({ params: { x, y } }) => ({ x: wholeNumber(x), y: wholeNumber(y) }),
    render: (sum, { params }) => publicPage(sumPage(wholeNumber(params.x), wholeNumber(params.y), sum)),
    scope: "shared",
  });
  app.get("/add/", (c) => sendOn(c, ["x", "y"]));
  app.get("/add/:x/:y", (c) => c.redirect(`${new URL(c.req.url).pathname}/`, 308));
  app.all("/add/:x/:y/", answer(add));

  const coastline = web.pollingView(tasks.measureCoastline, {
    input: async ({ params }) => {
      const country = await findCountry(params.country ?? "");
      if (!country) throw new NotFound("There is no country with this code on the map.");
      return { country: country.code };
    },
    render: async (measured) => publicPage(coastlinePage(measured, await outlineOf(measured.country))),
    scope: "shared",
  });
  app.get("/coastline/", (c) => sendOn(c, ["country"]));
  app.get("/coastline/:country", (c) => c.redirect(`${new URL(c.req.url).pathname}/`, 308));
  app.all("/coastline/:country/", answer(upperCase(coastline)));
}

function answer(view: WebHandler): (c: Context) => Promise<Response> {
  const handler = toHono(view);
  return async (c) => secured(await handler(c));
}

/** An answer is found by its address: /coastline/no/ is /coastline/NO/. */
function upperCase(view: WebHandler): WebHandler {
  return (request, context) => {
    const url = new URL(request.url);
    url.pathname = url.pathname.replace(/[^/]+\/$/, (code) => code.toUpperCase());
    return view(url.href === request.url ? request : new Request(url, request), context);
  };
}

/** From what a form sends, /add/?x=3&y=5, to the address of the answer, /add/3/5/. */
function sendOn(c: Context, names: readonly string[]): Response | Promise<Response> {
  const values = names.map((name) => c.req.query(name)?.trim() ?? "");
  return values.includes("") ? c.notFound() : c.redirect(new URL(c.req.url).pathname + values.map((value) => `${encodeURIComponent(value)}/`).join(""), 303);
}

/** @throws NotFound */
function wholeNumber(text = ""): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new NotFound("Only whole numbers of up to 15 digits are added here.");
}
