import { setTimeout as wait } from "node:timers/promises";
import type { Broker } from "../core/broker.ts";
import type { Store } from "../core/store.ts";
import type { Log } from "../core/task.ts";
import { timerSpan } from "./timer-span.ts";

/** An id that no run has: to look for it is the cheapest question that only a migrated store can answer. */
const NOBODY = "00000000-0000-7000-8000-000000000000";

/** How a part answered: well, with an error, not in time, or it was not asked. A broker that cannot tell is "ok" when the store is. */
export type Answering = "ok" | "failed" | "silent" | "unasked";

export interface Readiness {
  readonly ready: boolean;
  /** `close` was called. */
  readonly closing: boolean;
  readonly store: Answering;
  readonly broker: Answering;
}

export interface ReadinessParts {
  readonly open: () => Promise<{ readonly store: Pick<Store, "known">; readonly broker: Pick<Broker, "ping"> }>;
  readonly isClosing: () => boolean;
  readonly log: Log;
}

/** Answers whether this process can do its work. However often it is asked, each part has one question to answer at a time. */
export class ReadinessProbe {
  readonly #parts: ReadinessParts;
  readonly #asking = new Map<string, Promise<Answering>>();
  #wasReady = true;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /** @param within how long each part may take to answer, ms */
  async ask(within: number): Promise<Readiness> {
    const { open, isClosing } = this.#parts;
    if (isClosing()) return { ready: false, closing: true, store: "unasked", broker: "unasked" };
    const store = await this.#answer("store", within, async () => void (await (await open()).store.known([NOBODY])));
    const broker = store === "ok" ? await this.#answer("broker", within, async () => (await open()).broker.ping?.()) : "unasked";
    const closing = isClosing();
    return this.#told({ ready: store === "ok" && broker === "ok" && !closing, closing, store, broker });
  }

  /** Asks, unless the part still owes the answer to an earlier question. */
  async #answer(part: string, within: number, question: () => Promise<void>): Promise<Answering> {
    const asking =
      this.#asking.get(part) ??
      question()
        .then((): Answering => "ok")
        .catch((error: unknown): Answering => {
          if (this.#wasReady) this.#parts.log.warn({ error, part }, `The ${part} cannot be reached: this process is not ready.`);
          return "failed";
        })
        .finally(() => this.#asking.delete(part));
    this.#asking.set(part, asking);
    const patience = new AbortController();
    const silence = wait(timerSpan(within), "silent" as const, { signal: patience.signal, ref: false }).catch(() => "silent" as const);
    try {
      return await Promise.race([asking, silence]);
    } finally {
      patience.abort();
    }
  }

  /** The log hears when it changes, not at every question. */
  #told(readiness: Readiness): Readiness {
    if (readiness.ready === this.#wasReady || readiness.closing) return readiness;
    this.#wasReady = readiness.ready;
    const { log } = this.#parts;
    if (readiness.ready) log.info({ ...readiness }, "This process is ready again.");
    else log.warn({ ...readiness }, "This process is not ready.");
    return readiness;
  }
}
