import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";
import { start, startWeb } from "./web.ts";

/** Polls by a client that has the document already, against polls by one that does not, at the same process. */
export const notModified: Measurement = {
  name: "not-modified",
  async measure() {
    using scratch = new Scratch();
    await using server = await startWeb(`file:${scratch.file("errand.sqlite")}`, "database");
    const target = { port: server.port, path: await start(server, "later", "poller"), headers: { "X-User": "poller", "Accept-Language": "en" } };
    const answer = await fetch(`http://127.0.0.1:${target.port}${target.path}`, { headers: target.headers });
    const etag = answer.headers.get("etag");
    if (etag === null) throw new Error("The document came without an ETag.");
    const known = { ...target, headers: { ...target.headers, "If-None-Match": etag }, status: 304 };
    return [await serverLine("not-modified", "req/s", { what: "with 304", server, target: known }, { what: "with 200", server, target })];
  },
};
