import { startServer, startWorker } from "../processes.ts";
import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";
import { startAsVisitor } from "./visitor.ts";

/** How many polls of a run in progress the web process answers, against a bare route that reads the same row. Servers and client are processes of their own. */
export const poll: Measurement = {
  name: "poll",
  async measure() {
    using scratch = new Scratch();
    const database = scratch.file("errand.sqlite");
    await using web = await startServer(new URL("./web-server.ts", import.meta.url), [database, "quiet"]);
    await using _worker = await startWorker(new URL("./worker-app.ts", import.meta.url), database, ["--grace", "0s"]);
    const target = await startAsVisitor(web.port);
    await using bare = await startServer(new URL("./bare-server.ts", import.meta.url), [database]);
    const reference = { what: "the bare server", server: bare, target: { ...target, port: bare.port } };
    return [await serverLine("poll", "req/s", { what: "the web process", server: web, target }, reference)];
  },
};
