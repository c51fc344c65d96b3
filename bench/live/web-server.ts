import { createErrand } from "errand";
import { toNode } from "errand/node";
import { errandWeb } from "errand/web";
import { heldMiB } from "../linked/held.ts";
import { serve } from "../serve.ts";
import { defineTasks } from "./tasks.ts";

// A web process as an app has it, whose users are known by a header. POST /start/<task> starts a run for its user; GET /held says what the process
// holds in memory, MiB. GET /form has a form whose run takes a while, and then leads to /done.
const [database, broker] = process.argv.slice(2) as [string, "none" | "database"];
const errand = createErrand({ database, broker, ...(broker === "database" && { worker: false }) });
const tasks = defineTasks(errand);
const web = errandWeb(errand, {
  identify: (request) => {
    const id = request.headers.get("x-user");
    return id === null ? null : { id };
  },
});
const HOUR_MS = 3_600_000;

const start = toNode(async (request) => {
  const name = request.url.split("/").at(-1) as keyof typeof tasks;
  const runAt = name === "later" ? { runAt: new Date(Date.now() + HOUR_MS) } : {};
  const { id } = await tasks[name].start(null as never, { owner: request.headers.get("x-user"), ...runAt });
  return Response.json({ id });
});
const action = toNode(web.asyncAction({ task: tasks.unhurried, input: () => null, successUrl: "/done", errorUrl: "/form", wait: 0 }));
const form = toNode(async () => {
  const button = '<form method="post" action="/action" data-asynctask><button>Send</button></form>';
  const page = `<!doctype html><html lang="en"><title>Form</title>${button}<script type="module" src="/errand/asynctask.js"></script></html>`;
  return new Response(page, { headers: { "content-type": "text/html" } });
});
const held = toNode(async () => Response.json({ heap: heldMiB(), resident: process.memoryUsage.rss() / 2 ** 20 }));
const mounted = toNode(web.handler);

await errand.start();
serve((request, response) => {
  if (request.url?.startsWith("/start/")) return start(request, response);
  if (request.url?.startsWith("/action")) return action(request, response);
  if (request.url === "/form" || request.url === "/done") return form(request, response);
  return request.url === "/held" ? held(request, response) : mounted(request, response);
});
