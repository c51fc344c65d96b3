import type { Transaction } from "../../src/core/transaction.ts";

/** The app's own database, through one of the clients that it may have chosen. It has a table `orders` with the unique column `code`. */
export interface AppClient {
  /** Commits when `work` returns; rolls back when it throws, and throws that on. */
  transaction(work: (inside: Inside) => Promise<void>): Promise<void>;
  /** Something of the client to pass as `transaction` that is not in one. */
  readonly outside: unknown;
  close(): Promise<void>;
}

export interface Inside {
  readonly transaction: Transaction;
  /** A statement of the app's own. */
  run(sql: string): Promise<void>;
}
