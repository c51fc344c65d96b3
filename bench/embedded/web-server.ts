import { createErrand } from "errand";
import { toNode } from "errand/node";
import { errandWeb } from "errand/web";
import { serve } from "../serve.ts";
import { defineTasks } from "./tasks.ts";

// A web process as an app has it: it starts runs for anonymous visitors and answers their polls, and leaves the runs to workers.
const [file, taskName] = process.argv.slice(2) as [string, "burn" | "quiet"];
const errand = createErrand({ database: `file:${file}`, broker: "database", worker: false });
const task = defineTasks(errand)[taskName];
const web = errandWeb(errand);
const start = toNode(web.asyncAction({ task, input: () => null, successUrl: "/", errorUrl: "/" }));
const mounted = toNode(web.handler);

await errand.start();
serve((request, response) => (request.url?.startsWith("/start") ? start(request, response) : mounted(request, response)));
