import type { Run } from "../../core/run.ts";
import type { WrittenRun } from "../../core/store.ts";
import { OwnerFeed, type OwnerFeedParts, type OwnerWatcher } from "./owner-feed.ts";

/** Shortest rest between two looks at what others wrote, ms, and how much longer than a look it is. */
const REST_MS = 25;
const REST_PER_LOOK = 5;
/** Owners that are looked at in one turn of the event loop. */
const AT_ONCE = 16;
/** Ids of runs that nobody watches here, remembered so that they are not read at each of their writes. */
const MOST_FOREIGN = 10_000;

/** What `watchOwner` gives. */
export interface OwnerWatching {
  /** The runs as they were when watching began, newest first: the newest 20, and older ones that had not ended. */
  readonly runs: readonly Run[];
  stop(): void;
}

/** Tells of all runs of an owner: at once of what this process writes, soon of what others wrote. */
export class OwnerWatch {
  readonly #parts: OwnerFeedParts;
  readonly #feeds = new Map<string | null, OwnerFeed>();
  readonly #foreign = new Set<string>();
  /** What is to be looked at: runs that others wrote, feeds of which something is known to be new, or all feeds. */
  readonly #written = new Set<string>();
  readonly #stale = new Set<OwnerFeed>();
  #everything = false;
  #looking = false;
  #closed = false;
  #resting: NodeJS.Timeout | undefined;

  constructor(parts: OwnerFeedParts) {
    this.#parts = parts;
  }

  /** Listens before it reads, so nothing between the two is missed; a snapshot may be told that `runs` has too. @throws StoreError */
  async watch(owner: string | null, watcher: OwnerWatcher): Promise<OwnerWatching> {
    const feed = this.#feeds.get(owner) ?? this.#open(owner);
    feed.watchers.add(watcher);
    const stop = () => {
      feed.watchers.delete(watcher);
      if (feed.watchers.size > 0 || this.#feeds.get(owner) !== feed) return;
      this.#feeds.delete(owner);
      feed.close();
    };
    try {
      return { runs: await feed.look(true), stop };
    } catch (error) {
      stop();
      throw error;
    }
  }

  /** This process wrote the run. The row of a container lacks the sums of what is below it, and a part is not shown by itself: then the owner's runs are looked at. */
  written(run: Run): void {
    const feed = this.#feeds.get(run.owner);
    if (!feed) return;
    const outermost = run.root ?? run.id;
    if (run.parent === null && (run.kind === null || run.ended !== null)) return feed.hear(run);
    if (feed.follows(outermost)) return; // The bus tells of it.
    this.#stale.add(feed);
    void this.#look();
  }

  /** The run was deleted by this process. */
  gone(runId: string): void {
    for (const feed of this.#feeds.values()) feed.lose(runId);
  }

  /** Others wrote these runs; anything, when it is not said which. */
  external(written?: readonly WrittenRun[]): void {
    if (this.#feeds.size === 0) return;
    if (written === undefined) this.#everything = true;
    for (const { id } of written ?? []) if (!this.#foreign.has(id)) this.#written.add(id);
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#resting);
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #open(owner: string | null): OwnerFeed {
    const feed = new OwnerFeed(owner, this.#parts);
    this.#feeds.set(owner, feed);
    this.#foreign.clear();
    return feed;
  }

  /** At once; then rests the longer, the longer it took, so that looking never fills the time. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    while (!this.#closed && (this.#everything || this.#written.size > 0 || this.#stale.size > 0)) {
      const began = performance.now();
      try {
        await this.#round();
      } catch (error) {
        this.#everything = true;
        if (!this.#closed) this.#parts.log.warn({ error }, "Could not look for the runs of the owners that are watched; looking again soon.");
      }
      const rest = Math.max(REST_MS, REST_PER_LOOK * (performance.now() - began));
      await new Promise<void>((rested) => {
        this.#resting = setTimeout(rested, rest).unref();
      });
    }
    this.#looking = false;
  }

  async #round(): Promise<void> {
    const feeds = this.#everything ? [...this.#feeds.values()] : [...this.#stale];
    const ids = this.#everything ? [] : [...this.#written];
    this.#everything = false;
    this.#stale.clear();
    this.#written.clear();
    for (const [index, feed] of feeds.entries()) {
      if (feed.watchers.size > 0) await feed.look(false);
      if (index % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
    }
    if (ids.length > 0) await this.#read(ids);
  }

  async #read(ids: readonly string[]): Promise<void> {
    const missing = new Set(ids);
    for (const run of await this.#parts.store.get(ids)) {
      missing.delete(run.id);
      const feed = this.#feeds.get(run.owner);
      if (feed && run.parent === null) feed.hear(run);
      else this.#leave(run.id);
    }
    for (const id of missing) this.gone(id);
  }

  #leave(runId: string): void {
    if (this.#foreign.size >= MOST_FOREIGN) this.#foreign.clear();
    this.#foreign.add(runId);
  }
}
