import type { Store } from "../../core/store.ts";

/** Two migrated handles on one database, and the way to more (not migrated, closed by whoever opens them). */
export interface StoreHandles {
  readonly store: Store;
  readonly other: Store;
  open(): Store;
}

export type StoreTest = (name: string, body: (handles: StoreHandles) => Promise<void>) => void;
