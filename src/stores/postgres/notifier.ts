import type { WrittenRun } from "../../core/store.ts";
import { toPayloads } from "./payload.ts";

/** Shortest time between two notifications, ms: what is written meanwhile goes with the next one, of each run only the latest. */
const GATHER_MS = 25;
/** The first waits so long, ms: what was written is dispatched before, and its claim may come along. */
const FIRST_MS = 1;

/** Tells other handles what this one has written: the first almost at once, then now and then. A notification that cannot be sent is let go: whoever watches looks after a silence. */
export class PostgresNotifier {
  readonly #handle: string;
  readonly #send: (payloads: string[]) => Promise<unknown>;
  readonly #written = new Map<string, WrittenRun>();
  #anything = false;
  #sending: Promise<void> | undefined;
  /** Cuts the time of gathering short. */
  #hurry: (() => void) | undefined;
  #flushing = false;

  constructor(handle: string, send: (payloads: string[]) => Promise<unknown>) {
    this.#handle = handle;
    this.#send = send;
  }

  /** `undefined`: anything. */
  note(written: readonly WrittenRun[] | undefined): void {
    if (written === undefined) this.#anything = true;
    else for (const run of written) this.#written.set(run.id, run);
    if (this.#anything || this.#written.size > 0) this.#sending ??= this.#go();
  }

  async #go(): Promise<void> {
    if (!this.#flushing) await this.#gather(FIRST_MS);
    while (this.#anything || this.#written.size > 0) {
      const payloads = toPayloads(this.#handle, this.#anything ? undefined : [...this.#written.values()]);
      this.#anything = false;
      this.#written.clear();
      await this.#send(payloads).catch(() => {});
      if (!this.#flushing) await this.#gather(GATHER_MS);
    }
    this.#sending = undefined;
  }

  #gather(span: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, span);
      this.#hurry = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  /** Sends what is left to tell. Nothing is to be noted after it. */
  async flush(): Promise<void> {
    this.#flushing = true;
    this.#hurry?.();
    await this.#sending;
  }
}
