/** How long an owner has been watching through one process, told from the store's now. */
export interface Watched {
  readonly owner: string;
  /** Since how many ms. */
  readonly since: number;
  /** For how many ms more, unless it is told otherwise; less than 0 when it is over. */
  readonly until: number;
}

/** Remembers whose pages have been watching, so that every process knows whether somebody saw a run end. All times are by the store's clock. */
export interface PresenceStore {
  /** Notes what a process knows of these owners, each named once; what it noted of them before is replaced. */
  note(process: string, watched: readonly Watched[]): Promise<void>;
  /** Whether a page of the owner was watching at a time (ms since 1970), or began to within `late` ms after it. */
  watchedAt(owner: string, at: number, late: number): Promise<boolean>;
  /** Forgets who has not been watching for `age` ms. */
  forget(age: number): Promise<void>;
}
