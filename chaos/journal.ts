import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { State, Stray } from "errand";

/** Times are ms of this machine's monotonic clock, which all processes share and nobody can set. */
export type Event =
  /** A run was started, and `start` has said so. */
  | { readonly what: "started"; readonly run: string }
  /** The task began. */
  | { readonly what: "begun"; readonly run: string; readonly attempt: number; readonly at: number }
  /** A guarded write of an attempt held; `from`: when it was asked for. */
  | { readonly what: "kept"; readonly run: string; readonly attempt: number; readonly from: number }
  /** A listener heard that a run has ended. */
  | { readonly what: "stopped"; readonly run: string; readonly durable: boolean; readonly event: string; readonly state: State }
  /** A delivery led to no attempt. */
  | { readonly what: "refused"; readonly run: string }
  /** The broker was given a delivery, or a worker was handed one, that nobody had asked for. */
  | { readonly what: "duplicated"; readonly run: string }
  | { readonly what: "swept"; readonly kind: Stray["kind"] }
  | { readonly what: "redispatched"; readonly count: number };

export type Entry = Event & {
  /** The process that wrote it; a new one each time that a process is started. */
  readonly by: string;
};

/** What a process has seen, a line each, in a file of its own that outlives it. */
export class Journal {
  readonly by: string;
  readonly #file: number;

  constructor(folder: string, by: string) {
    this.by = by;
    this.#file = openSync(join(folder, `${by}.journal`), "ax");
  }

  write(event: Event): void {
    writeSync(this.#file, `${JSON.stringify(event)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** All that the processes of a folder have written. A line that its process died over does not count. */
export function entriesIn(folder: string): Entry[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".journal"))
    .flatMap((file) => {
      const lines = readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1);
      const by = file.slice(0, -".journal".length);
      return lines.map((line) => ({ ...(JSON.parse(line) as Event), by }));
    });
}

export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
