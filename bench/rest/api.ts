import type { Target } from "../http-client.ts";
import { type Process, startServer } from "../processes.ts";
import type { Served } from "../server-line.ts";
import { OWNER } from "./fill.ts";

export const LIST = "/errand/tasks/";

/** What the bench reads of a run document. */
interface Entry {
  readonly id: string;
  readonly artifacts: readonly string[];
}

/** The REST API on a file, in a process of its own. */
export function startApi(file: string): Promise<Process & { readonly port: number }> {
  return startServer(new URL("./web-server.ts", import.meta.url), [file]);
}

export function startBare(file: string): Promise<Process & { readonly port: number }> {
  return startServer(new URL("./bare-server.ts", import.meta.url), [file]);
}

/** As OWNER's page asks. */
export function served(what: string, server: Process & { readonly port: number }, path: string): Served {
  return { what, server, target: { port: server.port, path, headers: { "X-User": OWNER, "Accept-Language": "en" } } };
}

/** The page at `path`, and where the next one is. @throws Error unless it has `length` runs, each with an artifact */
export async function readPage({ port, headers }: Target, path: string, length: number): Promise<{ runs: readonly Entry[]; next: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const runs = (await answer.json()) as readonly Entry[];
  const link = /<([^>]+)>; *rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
  if (runs.length !== length || link === undefined || runs.some(({ artifacts }) => artifacts.length !== 1)) {
    throw new Error(`${path} is no page of ${length} runs with what they left and another page behind it: ${JSON.stringify(runs).slice(0, 500)}`);
  }
  const { pathname, search } = new URL(link);
  return { runs, next: pathname + search };
}
