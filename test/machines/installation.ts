import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NodeProcess, startProcess } from "../support/process.ts";
import { tempDir } from "../support/temp.ts";

/** What a page of the app reads of a run. */
export interface RunDocument {
  readonly id: string;
  readonly rev: number;
  readonly state: string;
  readonly state_text: string;
  readonly completed_steps: number;
  readonly attempts: number;
  readonly result: unknown;
}

/** How long a long poll is held open at most, s. */
const POLL_S = 20;

/** Two web processes and three workers of one app; nothing but the database and the broker is between them. */
export class Installation {
  readonly workers: NodeProcess[] = [];
  readonly webs: Web[] = [];

  static async start(env: Readonly<Record<string, string>>): Promise<Installation> {
    const installation = new Installation();
    // One that migrates the database before the others ask for it, as a deployment does.
    const first = await startWeb(env);
    const [second, ...workers] = await Promise.all([startWeb(env), startWorker(env), startWorker(env), startWorker(env)]);
    installation.webs.push(first, second);
    installation.workers.push(...workers);
    return installation;
  }

  /** The worker that a run's state text names. */
  workerOf({ state_text: text }: RunDocument): NodeProcess {
    const worker = this.workers.find(({ pid }) => pid === processIn(text));
    if (!worker) throw new Error(`No worker of this installation is named in ${JSON.stringify(text)}.`);
    return worker;
  }

  /** Tells all to end, in good order. */
  async stop(): Promise<void> {
    await Promise.all([...this.workers, ...this.webs.map(({ process }) => process)].map((process) => process.kill("SIGTERM")));
  }
}

export function processIn(stateText: string): number {
  return Number(/process (\d+)$/.exec(stateText)?.[1]);
}

async function startWorker(env: Readonly<Record<string, string>>): Promise<NodeProcess> {
  const app = fileURLToPath(new URL("./app.ts", import.meta.url));
  const worker = startProcess(new URL("../../dist/cli/errand.js", import.meta.url), { args: ["worker", app, "--concurrency", "1", "--grace", "0s"], env });
  await worker.line(/^Worker \d+ takes runs/);
  return worker;
}

async function startWeb(env: Readonly<Record<string, string>>): Promise<Web> {
  const process = startProcess(new URL("./web.ts", import.meta.url), { env: { ...env, ERRAND_WORKER: "off" } });
  const line = await process.line(/^Listening on \d+$/);
  return new Web(process, `http://127.0.0.1:${line.split(" ").at(-1)}`);
}

/** A run's folder: its task goes on when the test lets it. */
export class Steps {
  readonly folder = tempDir();

  allow(step: number): void {
    writeFileSync(join(this.folder, `step-${step}`), "");
  }
}

/** A web process, as a browser has it. */
export class Web {
  readonly process: NodeProcess;
  readonly #origin: string;

  constructor(process: NodeProcess, origin: string) {
    this.process = process;
    this.#origin = origin;
  }

  /** Starts a run; returns its id. */
  async start(user: string, { folder }: Steps, steps: number): Promise<string> {
    const body = new URLSearchParams({ ajax: "1", folder, steps: String(steps) });
    const answer = await this.ask("/start", user, { method: "POST", body });
    return ((await answer.json()) as { async_id: string }).async_id;
  }

  ask(path: string, user: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    // A connection of its own: one that is kept open may be closed by the server in the breath in which it is used again.
    return fetch(this.#origin + path, { ...init, headers: { Accept: "application/json", "X-User": user, Connection: "close", ...init.headers } });
  }

  cancel(user: string, runId: string): Promise<Response> {
    return this.ask(`/errand/tasks/${runId}/cancel`, user, { method: "POST" });
  }

  /** The page that shows the run to people. */
  async page(user: string, runId: string): Promise<string> {
    return (await this.ask(`/errand/runs/${runId}`, user, { headers: { Accept: "text/html" } })).text();
  }

  /** The run as soon as it fits: each answer that does not is followed by a long poll for what comes after it. @throws Error when a poll ends in vain */
  async until(user: string, runId: string, fits: (run: RunDocument) => boolean): Promise<RunDocument> {
    let run = await this.#read(user, `/errand/tasks/${runId}`);
    while (!fits(run)) {
      const began = performance.now();
      run = await this.#read(user, `/errand/tasks/${runId}?rev=${run.rev}`, { Prefer: `wait=${POLL_S}` });
      // What only the end of the poll has brought, nobody has told this process of.
      if (performance.now() - began >= POLL_S * 1000) throw new Error(`A long poll heard of nothing in ${POLL_S} s; the run was then ${JSON.stringify(run)}.`);
    }
    return run;
  }

  async #read(user: string, path: string, headers: Record<string, string> = {}): Promise<RunDocument> {
    const answer = await this.ask(path, user, { headers });
    if (!answer.ok) throw new Error(`The run was not shown: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as RunDocument;
  }
}
