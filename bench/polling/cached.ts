import { startServer } from "../processes.ts";
import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";

const PATH = "/sum/3/5/";

/** A result that is there already, through a polling view, against a bare route that reads it. */
export const cached: Measurement = {
  name: "cached",
  async measure() {
    using scratch = new Scratch();
    await using web = await startServer(new URL("./web-server.ts", import.meta.url), [scratch.file("errand.sqlite")]);
    await using bare = await startServer(new URL("./bare-server.ts", import.meta.url), [scratch.file("bare.sqlite")]);
    const served = (what: string, server: typeof web) => ({ what, server, target: { port: server.port, path: PATH, headers: { "Accept-Language": "en" } } });
    const [ours, reference] = [served("the web process", web), served("the bare server", bare)];
    const [one, other] = [await read(ours.target.port), await read(reference.target.port)];
    if (one !== other) throw new Error(`The two servers do not answer alike: ${one} and ${other}`);
    return [await serverLine("cached", "req/s", ours, reference)];
  },
};

async function read(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers: { Accept: "application/json" } });
  return `${answer.status} ${await answer.text()}`;
}
