import { readFileSync } from "node:fs";
import { toHono } from "errand/hono";
import { errandWeb } from "errand/web";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { BoxOffice } from "./box-office.ts";
import { allCountries } from "./coastline/countries.ts";
import { allCourses } from "./courses/all-courses.ts";
import { homePage } from "./pages/home.ts";
import { messagePage } from "./pages/message.ts";
import { answerPage, type Visit } from "./pages/page.ts";
import { addAllCourses } from "./routes/all-courses.ts";
import { addAnswers } from "./routes/answers.ts";
import { addCourses } from "./routes/courses.ts";
import { addOrders } from "./routes/orders.ts";
import { addSessions } from "./routes/sessions.ts";
import { addSleep } from "./routes/sleep.ts";
import { addTickets } from "./routes/tickets.ts";

const assets = [
  { path: "/style.css", type: "text/css; charset=utf-8", content: assetText("style.css") },
  { path: "/icon.svg", type: "image/svg+xml", content: assetText("icon.svg") },
];
const UNEXPECTED = "An unexpected error has occurred, please try again later.";

/** The whole site: the box office's own pages, and Errand under /errand. */
export function boxOfficeSite(boxOffice: BoxOffice): (request: Request) => Promise<Response> {
  const { errand, session, orders } = boxOffice;
  const web = errandWeb(errand, { path: "/errand", identify: (request) => session.read(request) });
  const app = new Hono();

  app.all(`${web.path}/*`, toHono(web.handler));
  for (const { path, type, content } of assets) {
    app.get(path, (c) => c.body(content, 200, { "Content-Type": type, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff" }));
  }
  app.get("/", async (c) => {
    const [visit, courses, countries] = await Promise.all([visitOf(c.req.raw), allCourses(), allCountries()]);
    return answerPage(visit, homePage({ orders: orders.list(), courses, countries }));
  });

  const parts = { ...boxOffice, web, visitOf };
  addSessions(app, parts);
  addOrders(app, parts);
  addTickets(app, parts);
  addAllCourses(app, parts);
  addCourses(app, parts);
  addAnswers(app, parts);
  addSleep(app, parts);

  app.notFound(async (c) => {
    const page = messagePage({ title: "There is no such page", text: "The address may be mistyped, or what was here is not yours to see." });
    return answerPage(await visitOf(c.req.raw), page, 404);
  });
  app.onError(async (error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    errand.log.error({ error, method: c.req.method, path: c.req.path }, "A request failed.");
    return answerPage({ user: null, flashes: null }, messagePage({ title: "This did not work", text: UNEXPECTED }), 500);
  });
  return async (request) => app.fetch(request);

  async function visitOf(request: Request): Promise<Visit> {
    return { user: session.read(request), flashes: request.method === "GET" ? await web.flashes(request) : null };
  }
}

function assetText(name: string): string {
  return readFileSync(new URL(`pages/${name}`, import.meta.url), "utf8");
}
