import { type FSWatcher, watch } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

const POLL_MS = 250;
/** How long after a look a change is not looked at by itself, so that a busy log costs at most two looks in that time. */
const SETTLE_MS = 2;

/**
 * Tells of commits by other connections and processes. The write-ahead log is watched for a prompt word; since a file system may not
 * give one, `PRAGMA data_version`, which costs microseconds, is also asked four times a second. Timers here keep no process alive.
 */
export class SqliteWatch {
  readonly #db: DatabaseSync;
  readonly #log: string | null;
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** @param file the database's path, or null when no other process can reach it. */
  constructor(db: DatabaseSync, file: string | null) {
    this.#db = db;
    this.#log = file === null ? null : `${file}-wal`;
  }

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#listeners.clear();
    this.#watcher?.close();
    this.#watcher = undefined;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    this.#settling = undefined;
  }

  #start(): void {
    if (this.#log === null) return;
    this.#version = this.#dataVersion();
    this.#poll = setInterval(() => this.#check(), POLL_MS).unref();
    try {
      this.#watcher = watch(this.#log, { persistent: false }, () => this.#look());
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // No log yet, or a file system that cannot watch: the poll serves alone.
    }
  }

  /** At once, and once more a moment later: the log may have grown before the commit that it grew for, and a commit writes it several times. */
  #look(): void {
    if (this.#settling) return;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#check();
    }, SETTLE_MS).unref();
    this.#check();
  }

  #check(): void {
    const version = this.#dataVersion();
    if (version === this.#version) return;
    this.#version = version;
    for (const listener of this.#listeners) listener();
  }

  #dataVersion(): number {
    try {
      return (this.#db.prepare("PRAGMA data_version").get() as { data_version: number }).data_version;
    } catch {
      return this.#version; // Whoever reads or writes next says what is wrong.
    }
  }
}
