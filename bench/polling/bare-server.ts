import { DatabaseSync } from "node:sqlite";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { serve } from "../serve.ts";

// The least that can answer with a kept result: one route and one prepared SELECT by the address. No age, no tag, no language, no owner.
const [file] = process.argv.slice(2) as [string];
const db = new DatabaseSync(file);
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
db.exec("CREATE TABLE results (address TEXT NOT NULL PRIMARY KEY, result TEXT NOT NULL)");
db.prepare("INSERT INTO results VALUES (?, ?)").run("/sum/3/5/", JSON.stringify({ x: 3, y: 5, sum: 8 }));
const select = db.prepare("SELECT result FROM results WHERE address = ?");

const app = new Hono();
app.get("/sum/:x/:y/", (context) => {
  const { result } = select.get(context.req.path) as { result: string };
  return context.json(JSON.parse(result));
});

serve(getRequestListener(app.fetch));
