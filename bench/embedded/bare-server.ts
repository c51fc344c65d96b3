import { DatabaseSync } from "node:sqlite";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { serve } from "../serve.ts";

// The least that can answer a poll: one route and one prepared SELECT of what a run's document shows. No owner, no language, no artifacts.
const [file] = process.argv.slice(2) as [string];
const select = new DatabaseSync(file, { readOnly: true }).prepare(
  `SELECT id, rev, task, name, state, state_text, completed_steps, total_steps, attempt, created, modified, started, ended, parent, result, error
   FROM errand_runs WHERE id = ?`,
);
const app = new Hono();
app.get("/errand/tasks/:id", (context) => context.json(select.get(context.req.param("id"))));

serve(getRequestListener(app.fetch));
