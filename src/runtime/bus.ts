import type { Run } from "../core/run.ts";
import type { Store, WrittenRun } from "../core/store.ts";
import type { Log } from "../core/task.ts";

/** What changes below a container is read so often at most, ms. */
const TOUCH_MS = 100;
/** A reading of what is watched that takes no longer is followed by the next at once, ms; a longer one by a rest so many times as long. */
const QUICK_MS = 2;
const REST_PER_READING = 4;
/** But never longer, ms: what was a stall of the database must not be made many times as long. */
const LONGEST_REST_MS = 400;

type Listener = (run: Run) => void;

interface Watcher {
  readonly onChange: Listener;
  readonly onGone: (() => void) | undefined;
}

interface Entry {
  rev: number;
  /** The run of a task, which shows only what was written of itself; false while it is not known. */
  isPlain: boolean;
  readonly watchers: Set<Watcher>;
}

/** With the runs that others wrote, or with nothing when those are not known. */
type ExternalListener = (written?: readonly WrittenRun[]) => void;

/**
 * Carries snapshots to whoever watches a run in this process: at once when this process writes, and soon after another one did. A
 * listener hears revisions in rising order; it may miss some in between, never the last. When the run was deleted it hears that, and no
 * more.
 */
export class Bus {
  readonly #store: Store;
  readonly #log: Log;
  readonly #watched = new Map<string, Entry>();
  readonly #external = new Set<ExternalListener>();
  readonly #gone = new Set<(runId: string) => void>();
  #stopWatching: (() => void) | undefined;
  #touched: NodeJS.Timeout | undefined;
  #resting: NodeJS.Timeout | undefined;
  #reading = false;
  /** What is to be read again. */
  readonly #wanted = new Set<string>();

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Begins to hear of other processes' writes. */
  open(): void {
    this.#stopWatching ??= this.#store.watch((written) => {
      for (const listener of this.#external) listener(written);
      if (written === undefined) return void this.#refresh(this.#watched.keys());
      void this.#refresh(written.map(({ id }) => id));
      this.touch();
    });
  }

  close(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    clearTimeout(this.#touched);
    clearTimeout(this.#resting);
    this.#watched.clear();
    this.#external.clear();
    this.#gone.clear();
  }

  /** Calls `listener` whenever another process may have written. Returns the way to stop. */
  onExternal(listener: ExternalListener): () => void {
    this.#external.add(listener);
    return () => this.#external.delete(listener);
  }

  /** Calls `listener` with the id of every run that this process deleted, or found deleted while it was watched. Returns the way to stop. */
  onGone(listener: (runId: string) => void): () => void {
    this.#gone.add(listener);
    return () => this.#gone.delete(listener);
  }

  subscribe(runId: string, onChange: Listener, onGone?: () => void): () => void {
    const entry = this.#watched.get(runId) ?? { rev: 0, isPlain: false, watchers: new Set() };
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
    if (!entry) return;
    entry.isPlain = run.kind === null;
    if (run.rev <= entry.rev) return;
    entry.rev = run.rev;
    for (const { onChange } of [...entry.watchers]) this.#tell(run.id, () => onChange(run));
  }

  /** A watched run (any of those that sum up others, when none is named) may show something new, although it was not written itself: reads it again soon. */
  touch(runId?: string): void {
    if (runId === undefined ? this.#sums().next().done : !this.#watched.has(runId)) return;
    this.#soon();
  }

  /** These runs may have been written without anybody being told: those that are watched are read again soon. */
  doubt(runIds: readonly string[]): void {
    for (const id of runIds) if (this.#watched.has(id)) this.#wanted.add(id);
    if (this.#wanted.size > 0) this.#soon();
  }

  *#sums(): Generator<string> {
    for (const [id, { isPlain }] of this.#watched) if (!isPlain) yield id;
  }

  /** The run was deleted. */
  gone(runId: string): void {
    const entry = this.#watched.get(runId);
    this.#watched.delete(runId);
    for (const { onGone } of entry?.watchers ?? []) if (onGone) this.#tell(runId, onGone);
    for (const listener of this.#gone) this.#tell(runId, () => listener(runId));
  }

  /** A listener that throws harms neither the others nor the write that it is told of. */
  #tell(runId: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#log.error({ error, runId }, "Whoever watches a run threw.");
    }
  }

  #soon(): void {
    this.#touched ??= setTimeout(() => {
      this.#touched = undefined;
      void this.#refresh(this.#sums());
    }, TOUCH_MS).unref();
  }

  /** Reads those of the runs that are watched again; while a reading is under way, one more follows it. */
  async #refresh(ids: Iterable<string>): Promise<void> {
    for (const id of ids) if (this.#watched.has(id)) this.#wanted.add(id);
    if (this.#reading) return;
    this.#reading = true;
    let wanted: readonly string[] = [];
    try {
      while (this.#wanted.size > 0) {
        wanted = [...this.#wanted];
        this.#wanted.clear();
        const began = performance.now();
        await this.#read(wanted);
        await this.#rest(performance.now() - began);
      }
    } catch (error) {
      for (const id of wanted) this.#wanted.add(id);
      this.#log.warn({ error }, "Could not read the watched runs; trying again at the next change.");
    } finally {
      this.#reading = false;
    }
  }

  /** After a long reading, the longer: thousands of watched runs and a busy writer elsewhere must not fill the time with reading. */
  async #rest(took: number): Promise<void> {
    if (took < QUICK_MS) return;
    await new Promise<void>((rested) => {
      this.#resting = setTimeout(rested, Math.min(took * REST_PER_READING, LONGEST_REST_MS)).unref();
    });
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
