import type { Run } from "./run.ts";

/** What a run is found by without its id: its task, the address (or another text) that began it, and for whom. */
export interface Key {
  readonly task: string;
  /** Whose key it is: the same address of another scope is another key. */
  readonly scope: string;
  readonly address: string;
}

/** Takes a key for a new run. It holds only while the key stands as its claimer saw it; of any number of claimers one gets it. */
export interface KeyClaim extends Key {
  /** The run that held the key when the claimer looked; null when none did. */
  readonly seen: string | null;
  /** The newest run of this key that succeeded, to be shown while another is under way. */
  readonly good: string | null;
  /** How many runs of this key have failed since one succeeded. */
  readonly failures: number;
  /** Whether the ended run is still to be found by the key. */
  readonly keep: boolean;
}

/** A key as it stands, with its runs. */
export interface KeyHolding extends Key {
  readonly runId: string;
  /** The run that holds the key; null when it was deleted. */
  readonly run: Run | null;
  readonly good: Run | null;
  readonly failures: number;
  readonly keep: boolean;
  /** The store's now, ms since 1970, to tell ages by. */
  readonly now: number;
}

/** Finds runs by key. A key is taken in the same write that inserts its run: see `Write`. */
export interface KeyStore {
  /** The key as it stands, or null; at once where the store can. Without `task`, the one of this address and scope that was taken last. */
  find(key: Omit<Key, "task"> & { readonly task?: string }): KeyHolding | null | Promise<KeyHolding | null>;
  /** The key that this run holds, or null. */
  ofRun(runId: string): Promise<Key | null>;
  /** Gives the key up: its run goes on, but is not found by it any more. False when there is no such key. */
  forget(key: Key): Promise<boolean>;
}
