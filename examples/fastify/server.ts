import { passBodies, toFastify } from "errand/fastify";
import Fastify from "fastify";
import { done, errand, home, startExport, web } from "../export/year-export.ts";

await errand.start();
const app = Fastify();
app.get("/", toFastify(home));
app.get("/done/:id", toFastify(done));
// A scope of its own: here Errand reads the bodies, and the rest of the app keeps its parsers.
await app.register(async (scope) => {
  passBodies(scope);
  scope.all("/export", toFastify(startExport));
  scope.all(`${web.path}/*`, toFastify(web.handler));
});
await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log("Listening on", app.server.address());
