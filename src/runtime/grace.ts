import { timerSpan } from "./timer-span.ts";

/** What writing down the last of it and letting go may take beyond the grace, ms. A database that does not answer would take for ever. */
const LETTING_GO_MS = 5000;

/** The time that what is under way is given to end while an errand closes. It can be made shorter, never longer. */
export class Grace {
  readonly #over = new AbortController();
  readonly #overdue = Promise.withResolvers<"overdue">();
  #endsAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param ms from now on */
  constructor(ms: number) {
    this.shorten(ms);
  }

  /** Fires when it is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** What is left of it, ms. */
  get left(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** It ends in `ms` from now on, unless it ends earlier anyway. */
  shorten(ms: number): void {
    const endsAt = performance.now() + ms;
    if (endsAt >= this.#endsAt) return;
    this.#endsAt = endsAt;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#over.abort();
      this.#timer = setTimeout(() => this.#overdue.resolve("overdue"), LETTING_GO_MS);
    }, timerSpan(ms));
  }

  /** Waits for the work, and no longer than the grace and 5 s. Returns whether it has ended. */
  async bound(work: Promise<void>): Promise<boolean> {
    try {
      return (await Promise.race([work, this.#overdue.promise])) !== "overdue";
    } finally {
      clearTimeout(this.#timer);
      this.#endsAt = 0; // Whoever shortens it now starts no timer any more.
    }
  }
}
