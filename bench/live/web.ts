import { startServer } from "../processes.ts";

/** The web process of this suite. */
export type Web = Awaited<ReturnType<typeof startWeb>>;

/** @param database its address, such as "file:./errand.sqlite". */
export function startWeb(database: string, broker: "none" | "database") {
  return startServer(new URL("./web-server.ts", import.meta.url), [database, broker]);
}

/** Starts a run of a task for a user; returns the path of its document. */
export async function start(web: { readonly port: number }, task: string, user: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${web.port}/start/${task}`, { method: "POST", headers: { "x-user": user } });
  if (!answer.ok) throw new Error(`The web server did not start a run: ${answer.status} ${await answer.text()}`);
  const { id } = (await answer.json()) as { id: string };
  return `/errand/tasks/${id}/`;
}
