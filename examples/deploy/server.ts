// What a web process of compose.yaml runs: the app of the small examples, with an orderly end. ERRAND_… variables say where everything is.
import { createServer } from "node:http";
import { toNode } from "errand/node";
import { done, errand, home, startExport, web } from "../export/year-export.ts";

await errand.start();
const server = createServer(
  toNode((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return home(request);
    if (pathname === "/export") return startExport(request);
    if (pathname.startsWith(`${web.path}/`)) return web.handler(request);
    return done(request, { params: { id: pathname.replace(/^\/done\//, "") } });
  }),
);
server.listen(Number(process.env.PORT ?? 3000), () => console.log("Listening on", server.address()));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    server.close(); // No new connections; those that are open finish their answers.
    await errand.close({ grace: "10s" }); // Streams end, so that their clients connect to another process.
    server.closeAllConnections();
  });
}
