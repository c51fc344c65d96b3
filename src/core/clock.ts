/** Passes the time that the runtime waits for: the machine's, or a test's. */
export interface Clock {
  /** ms since some moment, the same one always. */
  now(): number;
  /** Calls once, in so many ms; returns the way to call it off. */
  after(ms: number, call: () => void): () => void;
  /** Calls again and again, every so many ms; returns the way to stop. What a call returns may be waited for. */
  every(ms: number, call: () => void | Promise<void>): () => void;
}
