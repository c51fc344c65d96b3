import type { Target } from "../http-client.ts";

/** What a poll's answer tells of the run. */
interface Document {
  readonly state: string;
  readonly completed_steps: number;
}

/** Starts a run at a web server as an anonymous visitor's page does, and waits until a worker has begun it. Returns where that visitor polls. */
export async function startAsVisitor(port: number): Promise<Target> {
  const answer = await fetch(`http://127.0.0.1:${port}/start`, { method: "POST", body: new URLSearchParams({ ajax: "1" }) });
  const { async_id: runId } = (await answer.json()) as { async_id?: string };
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  if (!answer.ok || runId === undefined || cookie === undefined) throw new Error(`The web server did not start a run: ${answer.status}.`);
  const target = { port, path: `/errand/tasks/${runId}`, headers: { Cookie: cookie, "Accept-Language": "en" } };
  const deadline = performance.now() + 10_000;
  while ((await readDocument(target)).completed_steps === 0) {
    if (performance.now() > deadline) throw new Error("No worker began the run within 10 s.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return target;
}

/** One poll, read whole. @throws Error unless the run is in progress */
export async function readDocument({ port, path, headers }: Target): Promise<Document> {
  const document = (await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).json()) as Document;
  if (!["Pending", "In Progress"].includes(document.state)) throw new Error(`The run that is polled is not in progress: ${JSON.stringify(document)}`);
  return document;
}
