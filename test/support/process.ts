import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export interface StartOptions {
  readonly args?: readonly string[];
  /** Laid over this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The Node to run; the one that runs the tests by default. */
  readonly node?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const children = new Set<NodeProcess>();

afterAll(async () => {
  await Promise.all([...children].map((child) => child.kill("SIGKILL")));
});

/** Runs a script (a path, or a URL of this project) in a Node process of its own. What is still there when the test file is over is killed. */
export function startProcess(script: string | URL, options: StartOptions = {}): NodeProcess {
  return new NodeProcess(typeof script === "string" ? script : fileURLToPath(script), options);
}

/** Runs the command line `errand …` from its source. */
export function startCli(args: readonly string[], options: Omit<StartOptions, "args"> = {}): NodeProcess {
  return startProcess(new URL("../../src/cli/errand.ts", import.meta.url), { ...options, args });
}

export class NodeProcess {
  /** How it ended, once all of its output was read. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #stderr = "";
  #ended = false;

  constructor(script: string, { args = [], env = {}, cwd, node = process.execPath }: StartOptions) {
    this.#child = spawn(node, [script, ...args], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.exited = once(this.#child, "close").then(([code, signal]) => {
      this.#ended = true;
      children.delete(this);
      this.#wake();
      return { code, signal } as Exit;
    });
    this.exited.catch(() => undefined);
    children.add(this);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What it has printed so far. */
  get stdout(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The first line printed, from its start on, that fits. @throws Error with all that was printed when the process ends without it. */
  async line(pattern: RegExp): Promise<string> {
    for (let next = 0; ; ) {
      for (; next < this.#lines.length; next++) if (pattern.test(this.#lines[next] as string)) return this.#lines[next] as string;
      if (this.#ended) throw new Error(`The process ended without printing ${pattern}.\n${this.stdout}${this.#stderr}`);
      await new Promise<void>((woken) => this.#waiting.add(woken));
    }
  }

  /** Sends the signal without waiting for what follows. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited;
  }

  #wake(): void {
    for (const woken of this.#waiting) woken();
    this.#waiting.clear();
  }
}
