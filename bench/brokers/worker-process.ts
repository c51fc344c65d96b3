import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { EngineName, Side } from "./engines.ts";
import type { Addresses } from "./place.ts";

/** A worker in a process of its own, stopped when its block is left. */
export class WorkerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(name: EngineName, side: Side, { database, redis, prefix }: Addresses, concurrency: number): Promise<WorkerProcess> {
    const child = fork(new URL("./worker.ts", import.meta.url), [name, side, JSON.stringify({ database, redis, prefix }), String(concurrency)]);
    await once(child, "message");
    return new WorkerProcess(child);
  }

  /** Says that so many tasks will come. Resolves, with what it returns, once they have ended. */
  expect(tasks: number): { readonly done: Promise<unknown> } {
    const done = once(this.#child, "message");
    this.#child.send(tasks);
    return { done };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}
