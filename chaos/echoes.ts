import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Delivery } from "errand";

/** How often a process looks for what others have told, ms. */
const LOOK_EVERY_MS = 20;
const CHUNK_BYTES = 65_536;

/** Deliveries that several workers are to be handed at once: whoever tells of one makes all the others handle it too. */
export class Echoes {
  readonly #by: string;
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  readonly #listeners = new Set<(delivery: Delivery) => void>();
  #place: number;
  #rest = "";

  constructor(folder: string, by: string) {
    this.#by = by;
    this.#file = openSync(join(folder, "echoes"), "a+");
    this.#place = 0;
    this.#read(() => undefined); // What was told before concerns nobody here.
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  tell(delivery: Delivery): void {
    writeSync(this.#file, `${JSON.stringify({ by: this.#by, delivery })}\n`);
  }

  listen(listener: (delivery: Delivery) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#file);
  }

  #look(): void {
    this.#read((line) => {
      const { by, delivery } = JSON.parse(line) as { by: string; delivery: Delivery };
      if (by !== this.#by) for (const listener of this.#listeners) listener(delivery);
    });
  }

  #read(take: (line: string) => void): void {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let size = readSync(this.#file, chunk, 0, CHUNK_BYTES, this.#place); size > 0; size = readSync(this.#file, chunk, 0, CHUNK_BYTES, this.#place)) {
      this.#place += size;
      const lines = (this.#rest + chunk.toString("latin1", 0, size)).split("\n");
      this.#rest = lines.pop() as string;
      for (const line of lines) take(line);
    }
  }
}
