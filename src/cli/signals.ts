const enders = ["SIGTERM", "SIGINT"] as const;
type Ender = (typeof enders)[number];

/** npm sends on a Ctrl-C that the terminal has sent to its child already: the same signal within this time is no second one, ms. */
const SENT_ON_MS = 500;

/** Tells of the first SIGTERM or SIGINT, and of a second one. A third ends the process as if nobody listened. It holds the process alive until `end`. */
export class Signals {
  readonly first: Promise<Ender>;
  readonly second: Promise<Ender>;
  readonly #alive = setInterval(() => {}, 2 ** 31 - 1);
  readonly #hear: (signal: Ender) => void;

  constructor() {
    const [first, second] = [Promise.withResolvers<Ender>(), Promise.withResolvers<Ender>()];
    this.first = first.promise;
    this.second = second.promise;
    let heard: { readonly signal: Ender; readonly at: number } | undefined;
    this.#hear = (signal) => {
      const now = performance.now();
      if (!heard) first.resolve(signal);
      else if (heard.signal === signal && now - heard.at < SENT_ON_MS) return;
      else {
        second.resolve(signal);
        this.end();
      }
      heard ??= { signal, at: now };
    };
    for (const signal of enders) process.on(signal, this.#hear);
  }

  /** Listens no more. */
  end(): void {
    clearInterval(this.#alive);
    for (const signal of enders) process.off(signal, this.#hear);
  }
}
