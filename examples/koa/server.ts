import { toKoa } from "errand/koa";
import Koa from "koa";
import { done, errand, home, startExport, web } from "../export/year-export.ts";

await errand.start();
const app = new Koa();
// With @koa/router: router.all("/export", toKoa(startExport)), and parameters of the path arrive as they do in the other frameworks.
const [showHome, start, showErrand] = [toKoa(home), toKoa(startExport), toKoa(web.handler)];
app.use((context, next) => {
  if (context.path === "/") return showHome(context, next);
  if (context.path === "/export") return start(context, next);
  if (context.path.startsWith(`${web.path}/`)) return showErrand(context, next);
  return toKoa((request) => done(request, { params: { id: context.path.replace(/^\/done\//, "") } }))(context, next);
});
const server = app.listen(Number(process.env.PORT ?? 3000), () => console.log("Listening on", server.address()));
