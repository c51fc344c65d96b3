/** A file's bytes, piece by piece. Node's Readable is one. */
export type Chunks = AsyncIterable<Uint8Array>;

/**
 * Keeps files: artifacts and uploads. A key is a path of plain segments such as "artifacts/<run>/<id>": letters, digits,
 * "_", "-" and ".", which no segment begins with. A storage never follows it out of its root.
 *
 * @throws RangeError from every method that takes a key or a prefix, for one that is no such path.
 */
export interface Storage {
  readonly name: string;
  /** Writes the whole file, replacing one of the same key; a reader never sees half of it. When `chunks` fails or `signal` fires, it rejects with that error and nothing has changed. Returns its length in bytes. */
  write(key: string, chunks: Chunks, options?: { signal?: AbortSignal }): Promise<number>;
  /** Adds to the end, creating the file when there is none. Appends at the same time follow one another in some order. Returns its new length in bytes. */
  append(key: string, chunk: Uint8Array): Promise<number>;
  /** The bytes from `start` to `end` inclusive (the whole file without), or null when there is no such file. They must be read to their end, or left with `break` or `return`. */
  read(key: string, range?: { start: number; end: number }): Promise<Chunks | null>;
  /** Removes every file whose key is `prefix` or below it. Nothing there is no error. */
  remove(prefix: string): Promise<void>;
  /** Names directly below `prefix`, in no particular order. */
  list(prefix: string): Promise<string[]>;
  /** Idempotent, also before first use. */
  close(): Promise<void>;
}
