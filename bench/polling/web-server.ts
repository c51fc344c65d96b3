import { getRequestListener } from "@hono/node-server";
import { createErrand } from "errand";
import { toHono } from "errand/hono";
import { errandWeb } from "errand/web";
import { Hono } from "hono";
import { z } from "zod";
import { serve } from "../serve.ts";

// A web process as an app has it: sums that are worked out once for everybody, and the same work done anew for each who asks.
const [file] = process.argv.slice(2) as [string];
const errand = createErrand({ database: `file:${file}`, broker: "none" });
const sum = errand.task({
  name: "sum",
  input: z.object({ x: z.number(), y: z.number() }),
  run: ({ x, y }) => ({ x, y, sum: x + y }),
});
const web = errandWeb(errand);
const once = web.pollingView(sum, {
  scope: "shared",
  input: ({ params }) => ({ x: Number(params.x), y: Number(params.y) }),
});

const app = new Hono();
app.get("/sum/:x/:y/", toHono(once));
app.get("/anew/:x/:y/", async (context) => {
  const { x, y } = context.req.param();
  const run = await sum.delay({ x: Number(x), y: Number(y) }, { name: "anew" });
  return context.json(await run.result());
});

await errand.start();
serve(getRequestListener(app.fetch));
