import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Another process of the bench, told to stop when its block is left. */
export class Process implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(child: ChildProcess) {
    this.#child = child;
    children.add(child);
    this.#exited = once(child, "exit").then(() => children.delete(child));
  }

  /** Sends a question and resolves with the answer; only to a module started by `startServer`. */
  async ask<Answer>(question: string): Promise<Answer> {
    this.#child.send(question);
    const [answer] = (await once(this.#child, "message")) as [Answer];
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#exited;
  }
}

/** Starts a module beside this one that serves HTTP and sends its port. */
export async function startServer(module: URL, args: readonly string[]): Promise<Process & { readonly port: number }> {
  const child = fork(module, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const server = new Process(child);
  const [port] = (await Promise.race([once(child, "message"), failed(child, module.pathname)])) as [number];
  return Object.assign(server, { port });
}

/** Starts `errand worker`, the real command, on a module of ours, and resolves when it takes runs. @param database a file, or the address of a database */
export async function startWorker(module: URL, database: string, options: readonly string[] = []): Promise<Process> {
  const env = { ...process.env, ERRAND_DATABASE_URL: database.includes("://") ? database : `file:${database}`, ERRAND_BROKER_URL: "database" };
  const child = spawn(process.execPath, [commandPath(), "worker", fileURLToPath(module), ...options], { env, stdio: ["ignore", "pipe", "inherit"] });
  const worker = new Process(child);
  await Promise.race([once(createInterface({ input: child.stdout }), "line"), failed(child, "errand worker")]);
  return worker;
}

async function failed(child: ChildProcess, what: string): Promise<never> {
  const [code, signal] = await once(child, "exit");
  throw new Error(`${what} ended with ${code ?? signal} before it was ready.`);
}

/** The file that package.json names as the command. */
function commandPath(): string {
  const manifest = import.meta.resolve("errand/package.json");
  const { bin } = JSON.parse(readFileSync(new URL(manifest), "utf8")) as { bin: { errand: string } };
  return fileURLToPath(new URL(bin.errand, manifest));
}
