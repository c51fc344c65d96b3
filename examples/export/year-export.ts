// The app of the small examples: a form that starts an export, Errand's page that shows how far it is, and a page with what came of it.
import { setTimeout as rest } from "node:timers/promises";
import { createErrand } from "errand";
import { errandWeb, type WebHandler } from "errand/web";
import { html } from "hono/html";
import { z } from "zod";

/** How long a month takes, ms: long enough to watch. */
const MONTH = 100;

export const errand = createErrand({ database: process.env.DATABASE_URL });
export const web = errandWeb(errand);

const exportYear = errand.task({
  name: "export_year",
  input: z.object({ year: z.coerce.number().int().min(2000).max(2100) }),
  calculateTotalSteps: () => 12,
  run: async ({ year }, { status, artifacts }) => {
    for (let month = 1; month <= 12; month++) {
      await status.setState(`Exporting month ${month} of ${year}`);
      await rest(MONTH);
      await artifacts.append("orders.csv", `${year}-${month},${month * 7}\n`);
      await status.incrementCompletedSteps();
    }
    return { year };
  },
});

export const startExport = web.asyncAction({ task: exportYear, successUrl: (_, { runId }) => `/done/${runId}`, errorUrl: "/" });

export const home: WebHandler = async () =>
  page(html`<form method="post" action="/export" data-asynctask>
<label>Year <input name="year" value="2026"></label> <button>Export the orders</button></form>
<script type="module" src="/errand/asynctask.js"></script>`);

export const done: WebHandler = async (request, { params = {} } = {}) => {
  const [run, { owner }] = await Promise.all([errand.get(params.id ?? ""), web.visitor(request)]);
  if (!run || run.owner !== owner) return page(html`<p>There is no such export.</p>`, 404);
  const [{ messages, headers }, files] = await Promise.all([web.flashes(request), errand.artifacts.list([run.id])]);
  const links = files.map((file) => html`<a href="${web.downloadUrl(file)}">${file.name}</a>`);
  return page(html`${messages.map(({ text }) => html`<p>${text}</p>`)}<p>Download: ${links}</p>`, 200, headers);
};

async function page(content: ReturnType<typeof html>, status = 200, headers = new Headers()): Promise<Response> {
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(`<!doctype html><html lang="en"><title>Orders</title><h1>Orders</h1>${await content}</html>`, { status, headers });
}
