import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** By how much the clock of the first worker is wrong, ms: ahead, and behind once it was replaced, and so on. */
const CLOCK_OFF_MS = 300_000;

const command = fileURLToPath(new URL("../dist/cli/errand.js", import.meta.url));
const app = fileURLToPath(new URL("./app.ts", import.meta.url));
const starter = fileURLToPath(new URL("./starter.ts", import.meta.url));
const wrongClock = new URL("./wrong-clock.ts", import.meta.url).href;

export interface Post {
  readonly folder: string;
  /** "worker" takes runs, "starter" starts them, "both" is what an app without a broker is. */
  readonly role: "worker" | "starter" | "both";
  /** Which of its kind it is, from 0 on. */
  readonly place: number;
  /** How many runs a worker has under way at once. */
  readonly concurrency: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const living = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** A process of an installation, which holds a post until it ends. */
export class MemberProcess {
  readonly name: string;
  readonly ended: Promise<Exit>;
  readonly #child: ChildProcess;
  #state: "beginning" | "working" | "gone" = "beginning";

  /** @param life how many have held this post before */
  constructor(post: Post, life: number) {
    const { folder, role, place } = post;
    this.name = `${role}-${place}-${life}`;
    const off = role === "starter" || place > 0 ? 0 : life % 2 === 0 ? CLOCK_OFF_MS : -CLOCK_OFF_MS;
    const env = { CHAOS_FOLDER: folder, CHAOS_PROCESS: this.name, CHAOS_PART: String(place), CHAOS_CLOCK_OFF: String(off) };
    const output = openSync(join(folder, `${this.name}.out`), "a");
    this.#child = spawn(process.execPath, [...(off === 0 ? [] : ["--import", wrongClock]), ...argumentsOf(post)], {
      env: { ...process.env, ...env, ERRAND_WORKER: role === "both" ? "on" : "off" },
      stdio: ["ignore", "pipe", output],
    });
    closeSync(output);
    this.#child.stdout?.once("data", () => {
      if (this.#state === "beginning") this.#state = "working";
    });
    living.add(this.#child);
    this.ended = once(this.#child, "exit").then(([code, signal]) => {
      living.delete(this.#child);
      this.#state = "gone";
      return { code, signal } as Exit;
    });
  }

  /** It has begun, and neither has it ended nor was it killed, which takes a moment to be seen. */
  get isWorking(): boolean {
    return this.#state === "working";
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === "SIGKILL") this.#state = "gone";
    this.#child.kill(signal);
  }
}

function argumentsOf({ role, concurrency }: Post): string[] {
  return role === "worker" ? [command, "worker", app, "--concurrency", String(concurrency), "--grace", "2s"] : [starter];
}
