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
