import { toExpress } from "errand/express";
import express from "express";
import { done, errand, home, startExport, web } from "../export/year-export.ts";

await errand.start();
const app = express();
app.get("/", toExpress(home));
app.all("/export", toExpress(startExport));
app.get("/done/:id", toExpress(done));
app.use(web.path, toExpress(web.handler));
const server = app.listen(Number(process.env.PORT ?? 3000), () => console.log("Listening on", server.address()));
