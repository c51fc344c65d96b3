/** A run is shown anew so often at most, ms; its end at once. */
export const PACE_MS = 100;

/** Calls of one key are made so far apart: the first at once, of those that come too soon only the last, and that one for certain. */
export class Pace<Value> {
  readonly #every: number;
  readonly #call: (key: string, value: Value) => void;
  readonly #resting = new Map<string, { readonly timer: NodeJS.Timeout; last: Value; waiting: Value | undefined }>();

  /** @param every shortest time between two calls of one key, ms. */
  constructor(every: number, call: (key: string, value: Value) => void) {
    this.#every = every;
    this.#call = call;
  }

  /** With `urgent`, at once in any case. The value that came last is not taken twice. */
  push(key: string, value: Value, urgent: boolean): void {
    const rest = this.#resting.get(key);
    if (rest?.last === value) return;
    if (rest && !urgent) {
      rest.last = value;
      rest.waiting = value;
      return;
    }
    this.drop(key);
    this.#resting.set(key, { timer: setTimeout(() => this.#wake(key), this.#every).unref(), last: value, waiting: undefined });
    this.#call(key, value);
  }

  /** Forgets what waits. */
  drop(key: string): void {
    clearTimeout(this.#resting.get(key)?.timer);
    this.#resting.delete(key);
  }

  close(): void {
    for (const key of [...this.#resting.keys()]) this.drop(key);
  }

  #wake(key: string): void {
    const waiting = this.#resting.get(key)?.waiting;
    this.#resting.delete(key);
    if (waiting !== undefined) this.push(key, waiting, false);
  }
}
