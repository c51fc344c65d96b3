import type { Failure } from "./each.ts";
import type { Json } from "./json.ts";

/** How far a loop of a run has come. */
export interface LoopMark {
  readonly name: string;
  /** Where the last visited item stands. */
  readonly cursor: Json;
  /** Items visited, those that failed included. */
  readonly visited: number;
  readonly failed: number;
  /** Failed items that are kept. */
  readonly kept: number;
  /** The source has no more. */
  readonly ended: boolean;
}

/** The loops of a run, as kept in its row. */
export interface Loops {
  /** Number of the failure that was kept last; 0 before the first. */
  readonly last: number;
  readonly marks: readonly LoopMark[];
}

/** How a failed item is found again. Texts of JSON. */
export interface ItemAddress {
  /** Cursor of the item before it, for a source that can begin there; null when it is the first, or there is no such source. */
  readonly before: string | null;
  /** Its own cursor. */
  readonly cursor: string | null;
  /** The item itself, when it is small and no source can bring it. */
  readonly item: string | null;
}

export type NewFailure = Failure & ItemAddress;

/** What is written together with the marks, so that neither is ever ahead of the other. */
export interface LedgerWrite {
  /** Loops that began anew: what they had kept is forgotten first. */
  readonly restart: readonly string[];
  /** One that is kept already, by its number, is left as it is. */
  readonly failures: readonly NewFailure[];
}

/** A failed item of an earlier run that a rerun is to visit. */
export type RetryItem = ItemAddress & Pick<Failure, "number" | "index" | "label">;

/** A page of failures, from the first on. */
export interface LedgerPage {
  readonly limit: number;
  /** Only those of a higher number. */
  readonly after?: number;
}

/** What the loops of runs have left. It is written by `Change.ledger` and `RunValues.loops`, and goes when its run is erased. */
export interface LedgerStore {
  /** Null when no loop of the run has written yet, or there is no such run, or it is hidden. */
  loops(runId: string): Promise<Loops | null>;
  /** The failed items of a run that is not hidden, by number. */
  failures(runId: string, page: LedgerPage & { readonly loop?: string }): Promise<Failure[]>;
  /** How many items this run is to visit again, by loop; empty unless it was inserted with `retry`. */
  retries(runId: string): Promise<{ readonly loop: string; readonly items: number }[]>;
  /** Those items of a loop, by number. */
  retryItems(runId: string, loop: string, page: LedgerPage): Promise<RetryItem[]>;
}
