/** A process that takes runs, as it last told the store. */
export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly queues: readonly string[];
  readonly concurrency: number;
  /** ms since 1970 by the store's clock. */
  readonly started: number;
  readonly seen: number;
  /** Runs that it holds now. */
  readonly holding: number;
}

export interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly running: number;
  /** How long the oldest waiting run that is due has waited, ms. */
  readonly oldest: number | null;
}

/** How many runs ended in one minute. */
export interface MinuteCount {
  /** Start of the minute, ms since 1970. */
  readonly minute: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
}
