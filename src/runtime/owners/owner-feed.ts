import type { Run } from "../../core/run.ts";
import { isEnded, states } from "../../core/states.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import type { Bus } from "../bus.ts";

/** So many of an owner's newest runs are followed, whether or not they have ended. */
export const NEWEST = 20;
/** Older ones are followed until they end, so many at most. */
export const MOST_OPEN = 500;

const openStates = states.filter((state) => !isEnded(state));

export interface OwnerWatcher {
  onChange(run: Run): void;
  /** The run was deleted. */
  onGone(runId: string): void;
}

interface Known {
  readonly rev: number;
  /** Stops to follow it; only while it has not ended. */
  readonly leave: (() => void) | undefined;
}

export interface OwnerFeedParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Log;
}

/** The runs of one owner that are no parts of others, for all who watch them in this process. It remembers revisions only, no snapshots. */
export class OwnerFeed {
  readonly watchers = new Set<OwnerWatcher>();
  readonly #owner: string | null;
  readonly #parts: OwnerFeedParts;
  readonly #known = new Map<string, Known>();
  #closed = false;

  constructor(owner: string | null, parts: OwnerFeedParts) {
    this.#owner = owner;
    this.#parts = parts;
  }

  /** Whether the bus tells of the run anyway. */
  follows(runId: string): boolean {
    return this.#known.get(runId)?.leave !== undefined;
  }

  /** A snapshot of one of the owner's runs, from wherever: told on unless it is known. */
  hear(run: Run): void {
    const known = this.#known.get(run.id);
    if (this.#closed || (known && known.rev >= run.rev)) return;
    let leave = known?.leave;
    if (run.ended === null) {
      leave ??= this.#parts.bus.subscribe(
        run.id,
        (newer) => this.hear(newer),
        () => this.lose(run.id),
      );
    } else {
      leave?.();
      leave = undefined;
    }
    this.#known.set(run.id, { rev: run.rev, leave });
    this.#forget();
    this.#tell(run.id, (watcher) => watcher.onChange(run));
  }

  /** The run is not there any more. */
  lose(runId: string): void {
    const known = this.#known.get(runId);
    if (!known) return;
    this.#known.delete(runId);
    known.leave?.();
    this.#tell(runId, (watcher) => watcher.onGone(runId));
  }

  /** Reads the newest runs, with `open` also older ones that have not ended; tells what is new of them, and returns them, newest first. @throws StoreError */
  async look(open: boolean): Promise<Run[]> {
    const { store } = this.#parts;
    const before = [...this.#known.keys()];
    const mine = { owner: this.#owner, parent: null };
    const newest = await store.list(mine, { limit: NEWEST });
    const runs = new Map(newest.map((run) => [run.id, run]));
    // A known run that should stand among them was deleted.
    const last = newest.length < NEWEST ? "" : (newest.at(-1) as Run).id;
    for (const id of before) if (id > last && !runs.has(id)) this.lose(id);
    const older = open && last !== "" ? await store.list({ ...mine, states: openStates }, { limit: MOST_OPEN, before: last }) : [];
    for (const run of older) runs.set(run.id, run);
    for (const run of runs.values()) this.hear(run);
    return [...runs.values()];
  }

  close(): void {
    this.#closed = true;
    for (const { leave } of this.#known.values()) leave?.();
    this.#known.clear();
    this.watchers.clear();
  }

  /** Of the ended runs only the newest are worth remembering. */
  #forget(): void {
    if (this.#known.size < 3 * NEWEST) return;
    const ended = [...this.#known.keys()].filter((id) => !this.follows(id)).sort();
    for (const id of ended.slice(0, -NEWEST)) this.#known.delete(id);
  }

  /** A watcher that throws harms neither the others nor the write that it is told of. */
  #tell(runId: string, tell: (watcher: OwnerWatcher) => void): void {
    for (const watcher of [...this.watchers]) {
      try {
        tell(watcher);
      } catch (error) {
        this.#parts.log.error({ error, runId }, "Whoever watches an owner's runs threw.");
      }
    }
  }
}
