import type { Failure } from "../../core/each.ts";
import { ConfigurationError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { ItemAddress, LedgerWrite, LoopMark, Loops, NewFailure } from "../../core/ledger.ts";

/** Most failed items of a run that are kept. */
export const MOST_KEPT = 10_000;
/** Most loops of a run: where they all stand is written as one. */
const MOST_LOOPS = 100;
/** So many failures are not held in memory for longer than a write takes. */
const MANY = 500;

/** Where a loop of this attempt stands. */
export interface LoopState extends LoopMark {
  readonly name: string;
  cursor: Json;
  visited: number;
  failed: number;
  kept: number;
  ended: boolean;
}

/** What is to be written of the loops, with the progress. */
export interface LoopsWrite {
  readonly loops: Loops;
  readonly ledger?: LedgerWrite;
}

/** All loops of a run as one attempt knows them, and what of it is not known to be written yet. */
export class LoopLedger {
  readonly #loops = new Map<string, LoopState>();
  readonly #begun = new Set<string>();
  #last: number;
  #changed = false;
  #pending: { restart: string[]; failures: NewFailure[] } = { restart: [], failures: [] };
  #inFlight: LedgerWrite | undefined;

  /** @param saved what the attempts before this one have written */
  constructor(saved: Loops | null) {
    this.#last = saved?.last ?? 0;
    for (const mark of saved?.marks ?? []) this.#loops.set(mark.name, { ...mark });
  }

  /** The loop as the attempt before left it, or a new one; with `anew`, as if no attempt had been before. @throws ConfigurationError */
  begin(name: string, anew: boolean): LoopState {
    if (this.#begun.has(name)) {
      throw new ConfigurationError(
        `A loop named "${name}" was begun already in this attempt. A task with several loops gives each a name: each(source, { name: "…" }, …).`,
      );
    }
    const earlier = this.#loops.get(name);
    if (!earlier && this.#loops.size >= MOST_LOOPS)
      throw new ConfigurationError(`A run may have ${MOST_LOOPS} loops; "${name}" is one more. Make one loop over all of their items.`);
    this.#begun.add(name);
    if (earlier && !anew) return earlier;
    if (earlier && earlier.kept > 0) this.#pending.restart.push(name);
    const loop: LoopState = { name, cursor: null, visited: 0, failed: 0, kept: 0, ended: false };
    this.#loops.set(name, loop);
    return loop;
  }

  /** An item was visited; the loop goes on behind `cursor`. */
  passed(loop: LoopState, cursor: Json): void {
    loop.visited += 1;
    loop.cursor = cursor;
    this.#changed = true;
  }

  /** The item that is about to pass has failed. Null when so many are kept already that this one is only counted. */
  failed(loop: LoopState, failure: Omit<Failure, "number" | "loop"> & ItemAddress): Failure | null {
    loop.failed += 1;
    if (this.keptItems >= MOST_KEPT) return null;
    loop.kept += 1;
    const kept: NewFailure = { number: ++this.#last, loop: loop.name, ...failure };
    this.#pending.failures.push(kept);
    return visible(kept);
  }

  ended(loop: LoopState): void {
    loop.ended = true;
    this.#changed = true;
  }

  /** So much waits that it is better written now. */
  get isFull(): boolean {
    return this.#pending.failures.length >= MANY;
  }

  get failedItems(): number {
    return this.#sum((loop) => loop.failed);
  }

  get keptItems(): number {
    return this.#sum((loop) => loop.kept);
  }

  get waiting(): boolean {
    return this.#changed;
  }

  /** What is to be written now; it is in flight until `settled`. */
  take(): LoopsWrite | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    const { restart, failures } = this.#pending;
    this.#pending = { restart: [], failures: [] };
    this.#inFlight = { restart, failures };
    return this.#write(this.#inFlight);
  }

  settled(written: boolean): void {
    if (!written && this.#inFlight) {
      this.#pending = this.#all();
      this.#changed = true;
    }
    this.#inFlight = undefined;
  }

  /** All that is not known to be written, for the write that ends the attempt. */
  rest(): LoopsWrite | undefined {
    return this.#changed || this.#inFlight ? this.#write(this.#all()) : undefined;
  }

  #all() {
    return {
      restart: [...(this.#inFlight?.restart ?? []), ...this.#pending.restart],
      failures: [...(this.#inFlight?.failures ?? []), ...this.#pending.failures],
    };
  }

  #write(ledger: LedgerWrite): LoopsWrite {
    const loops: Loops = { last: this.#last, marks: [...this.#loops.values()].map((loop) => ({ ...loop })) };
    return ledger.restart.length + ledger.failures.length > 0 ? { loops, ledger } : { loops };
  }

  #sum(count: (loop: LoopState) => number): number {
    let sum = 0;
    for (const loop of this.#loops.values()) sum += count(loop);
    return sum;
  }
}

/** The failure without how its item is found again. */
function visible({ number, loop, index, label, message, columns }: NewFailure): Failure {
  return { number, loop, index, label, message, columns };
}
