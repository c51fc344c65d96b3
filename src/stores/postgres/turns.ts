/** Nobody waits longer than that for another's statement, ms: it may be held up by a row that somebody has locked. */
const PATIENCE_MS = 2;

/**
 * Lets one statement go after the other, as long as each is quick: what comes meanwhile gathers, and a statement costs the database, and its
 * disk, a great deal more than a row of it.
 */
export class Turns {
  #going = 0;
  readonly #waiting = new Set<() => void>();

  /** Resolves when it may go, at the earliest when the caller has gone on. To be given back. */
  take(): Promise<void> {
    if (this.#going === 0) {
      this.#going = 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        this.#going += 1;
        resolve();
      };
      const timer = setTimeout(go, PATIENCE_MS);
      this.#waiting.add(go);
    });
  }

  giveBack(): void {
    this.#going -= 1;
    if (this.#going > 0) return;
    const [next] = this.#waiting;
    next?.();
  }
}
