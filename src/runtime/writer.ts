import type { KeyClaim } from "../core/keys.ts";
import type { ClaimedRun, NewRun, Run } from "../core/run.ts";
import type { Change, Store, Write, WriteResult } from "../core/store.ts";

/** Most writes in one group, so that a burst does not hold the database's lock for long. */
const GROUP = 500;

interface Waiting {
  readonly write: Write;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Gathers the writes of one turn of the event loop and gives them to the store as one group. */
export class Writer {
  readonly #store: Store;
  readonly #onWritten: (run: Run) => void;
  readonly #onDoubt: (runIds: readonly string[]) => void;
  #waiting: Waiting[] = [];

  /**
   * @param onWritten hears of every run that was written, before the writer's caller does.
   * @param onDoubt hears of runs whose write failed: it may have been done all the same, and nobody was told.
   */
  constructor(store: Store, onWritten: (run: Run) => void, onDoubt: (runIds: readonly string[]) => void = () => {}) {
    this.#store = store;
    this.#onWritten = onWritten;
    this.#onDoubt = onDoubt;
  }

  /** The new run; null when its claim on a key was lost, or there is nothing (any more) to `retry`. @throws StoreError, "conflict" when the id exists. */
  insert(run: NewRun, claim?: KeyClaim, retry?: string): Promise<Run | null> {
    return this.#add({ insert: run, ...(claim && { claim }), ...(retry !== undefined && { retry }) });
  }

  /** All of these runs in one write of their own. @throws StoreError */
  async insertAll(runs: readonly NewRun[]): Promise<Run[]> {
    const results = await this.#store.write(runs.map((insert) => ({ insert })));
    const failed = results.find((result) => result instanceof Error);
    if (failed) throw failed;
    return results as Run[];
  }

  /** The new run, or null when the guard lost. @throws StoreError */
  change(change: Change): Promise<Run | null> {
    return this.#add({ change });
  }

  /** The claimed run with its input, or null when the guard lost. @throws StoreError */
  claim(change: Omit<Change, "claim">): Promise<ClaimedRun | null> {
    return this.#add({ change: { ...change, claim: true } }) as Promise<ClaimedRun | null>;
  }

  /** Tells of a run that was written past this writer. */
  written(run: Run): void {
    this.#onWritten(run);
  }

  #add(write: Write): Promise<Run | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve: resolve as Waiting["resolve"], reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < waiting.length; start += GROUP) await this.#writeGroup(waiting.slice(start, start + GROUP));
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    let results: WriteResult[];
    try {
      results = await this.#store.write(group.map(({ write }) => write));
    } catch (error) {
      for (const { reject } of group) reject(error);
      this.#onDoubt(group.map(({ write }) => idOf(write)));
      return;
    }
    for (const [index, { write, resolve, reject }] of group.entries()) {
      const result = results[index] as WriteResult;
      if (result instanceof Error) {
        reject(result);
        this.#onDoubt([idOf(write)]);
        continue;
      }
      if (result) this.#onWritten(snapshot(result));
      resolve(result);
    }
  }
}

/** The run without the input and the trace that a claim came with: they are for its worker alone. */
export function snapshot(run: Run | ClaimedRun): Run {
  if (!("input" in run)) return run;
  const { input: _, trace: __, ...rest } = run;
  return rest;
}

function idOf(write: Write): string {
  return "insert" in write ? write.insert.id : write.change.id;
}
