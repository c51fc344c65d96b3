import { serve } from "@hono/node-server";
import { toHono } from "errand/hono";
import { Hono } from "hono";
import { done, errand, home, startExport, web } from "../export/year-export.ts";

await errand.start();
const app = new Hono();
app.get("/", toHono(home));
app.all("/export", toHono(startExport));
app.get("/done/:id", toHono(done));
app.all(`${web.path}/*`, toHono(web.handler));
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, (address) => console.log("Listening on", address));
