import type { Run } from "../core/run.ts";
import type { Store } from "../core/store.ts";
import type { Log } from "../core/task.ts";

/** What changes below a container is read so often at most, ms. */
const TOUCH_MS = 100;

type Listener = (run: Run) => void;

interface Watcher {
  readonly onChange: Listener;
  readonly onGone: (() => void) | undefined;
}

/**
 * Carries snapshots to whoever watches a run in this process: at once when this process writes, and soon after another one did. A
 * listener hears revisions in rising order; it may miss some in between, never the last. When the run was deleted it hears that, and no
 * more.
 */
export class Bus {
  readonly #store: Store;
  readonly #log: Log;
  readonly #watched = new Map<string, { rev: number; watchers: Set<Watcher> }>();
  readonly #external = new Set<() => void>();
  #stopWatching: (() => void) | undefined;
  #touched: NodeJS.Timeout | undefined;
  #reading = false;
  #again = false;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Begins to hear of other processes' writes. */
  open(): void {
    this.#stopWatching ??= this.#store.watch(() => {
      for (const listener of this.#external) listener();
      void this.#refresh();
    });
  }

  close(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    clearTimeout(this.#touched);
    this.#watched.clear();
    this.#external.clear();
  }

  /** Calls `listener` whenever another process may have written. Returns the way to stop. */
  onExternal(listener: () => void): () => void {
    this.#external.add(listener);
    return () => this.#external.delete(listener);
  }

  subscribe(runId: string, onChange: Listener, onGone?: () => void): () => void {
    const entry = this.#watched.get(runId) ?? { rev: 0, watchers: new Set() };
    const watcher: Watcher = { onChange, onGone };
    this.#watched.set(runId, entry);
    entry.watchers.add(watcher);
    return () => {
      entry.watchers.delete(watcher);
      if (entry.watchers.size === 0 && this.#watched.get(runId) === entry) this.#watched.delete(runId);
    };
  }

  publish(run: Run): void {
    const entry = this.#watched.get(run.id);
    if (!entry || run.rev <= entry.rev) return;
    entry.rev = run.rev;
    for (const { onChange } of [...entry.watchers]) this.#tell(run.id, () => onChange(run));
  }

  /** A watched run (any of them, when none is named) may show something new, although it was not written itself: reads it again soon. */
  touch(runId?: string): void {
    if (runId === undefined ? this.#watched.size === 0 : !this.#watched.has(runId)) return;
    this.#touched ??= setTimeout(() => {
      this.#touched = undefined;
      void this.#refresh();
    }, TOUCH_MS).unref();
  }

  /** The run was deleted. */
  gone(runId: string): void {
    const entry = this.#watched.get(runId);
    this.#watched.delete(runId);
    for (const { onGone } of entry?.watchers ?? []) if (onGone) this.#tell(runId, onGone);
  }

  /** A listener that throws harms neither the others nor the write that it is told of. */
  #tell(runId: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#log.error({ error, runId }, "Whoever watches a run threw.");
    }
  }

  /** Reads what is watched again; while a reading is under way, one more follows it. */
  async #refresh(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        await this.#read([...this.#watched.keys()]);
      } while (this.#again);
    } catch (error) {
      this.#log.warn({ error }, "Could not read the watched runs; trying again at the next change.");
    } finally {
      this.#reading = false;
    }
  }

  async #read(ids: readonly string[]): Promise<void> {
    const gone = new Set(ids);
    for (const run of await this.#store.get(ids)) {
      gone.delete(run.id);
      this.publish(run);
    }
    for (const id of gone) this.gone(id);
  }
}
