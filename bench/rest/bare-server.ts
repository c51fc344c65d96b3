import { DatabaseSync } from "node:sqlite";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { serve } from "../serve.ts";

// The least that can answer for a run or a page of them: a route each and prepared SELECTs of what the documents show. Nobody is refused, nothing is rendered.
const [file] = process.argv.slice(2) as [string];
const db = new DatabaseSync(file, { readOnly: true });
const columns =
  "id, rev, task, name, state, state_text, completed_steps, total_steps, attempt, created, modified, started, ended, parent, rerun_of, result, error";
const one = db.prepare(`SELECT ${columns} FROM errand_runs WHERE id = ?`);
const page = db.prepare(`SELECT ${columns} FROM errand_runs WHERE owner = ? ORDER BY id DESC LIMIT 20`);
const artifacts = db.prepare(`SELECT id, run_id FROM errand_artifacts WHERE run_id IN (${Array.from({ length: 20 }, () => "?").join()})`);

const app = new Hono();
app.get("/errand/tasks/:id/", (context) => context.json(one.get(context.req.param("id"))));
app.get("/errand/tasks/", (context) => {
  const runs = page.all(context.req.header("x-user") ?? null) as { id: string }[];
  return context.json({ runs, artifacts: artifacts.all(...runs.map(({ id }) => id)) });
});

serve(getRequestListener(app.fetch));
