import type { Log } from "../../core/task.ts";

/** Most keys that are kept. */
const MOST_KEPT = 1000;

interface Entry<Value> {
  value: Value;
  readAt: number;
  isReading: boolean;
}

/** Answers from memory what may be a little old; what is older is read again behind the answer. So only the first question for a key waits. */
export class Lately<Value> {
  readonly #fresh: number;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #first = new Map<string, Promise<Value | undefined>>();

  /** @param fresh how long what was read is not read again, ms */
  constructor(fresh: number, log: Log) {
    this.#fresh = fresh;
    this.#log = log;
  }

  /** A promise only for a key that is new; undefined when it could not be read. It never rejects. */
  get(key: string, read: () => Promise<Value>): Value | undefined | Promise<Value | undefined> {
    const entry = this.#entries.get(key);
    if (!entry) return this.#readFirst(key, read);
    if (!entry.isReading && performance.now() - entry.readAt > this.#fresh) void this.#readAgain(entry, read);
    return entry.value;
  }

  set(key: string, value: Value): void {
    if (this.#entries.size >= MOST_KEPT) this.#entries.clear();
    this.#entries.set(key, { value, readAt: performance.now(), isReading: false });
  }

  #readFirst(key: string, read: () => Promise<Value>): Promise<Value | undefined> {
    const reading =
      this.#first.get(key) ??
      this.#try(read).then((value) => {
        this.#first.delete(key);
        if (value !== undefined) this.set(key, value);
        return value;
      });
    this.#first.set(key, reading);
    return reading;
  }

  async #readAgain(entry: Entry<Value>, read: () => Promise<Value>): Promise<void> {
    entry.isReading = true;
    const value = await this.#try(read);
    entry.isReading = false;
    entry.readAt = performance.now();
    if (value !== undefined) entry.value = value;
  }

  async #try(read: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await read();
    } catch (error) {
      this.#log.debug({ error }, "Could not read what estimates are made from; there are none for now.");
      return undefined;
    }
  }
}
