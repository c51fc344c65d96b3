import type { TransactionExecutor } from "./transaction.ts";

/** The message for one attempt: ids only, never the input. */
export interface Delivery {
  readonly runId: string;
  readonly queue: string;
  /** The attempt that this delivery asks for, 1-based. */
  readonly attempt: number;
  /** Higher goes first. */
  readonly priority: number;
  /** Not to be handled before this time, ms since 1970 by the clock of the process that dispatches. */
  readonly runAt: number;
}

/** `durable`: deliveries outlive the process. `delay` and `priority`: `runAt` and `priority` are honoured. `transactional`: `dispatch` can join the caller's transaction. */
export type BrokerFeature = "durable" | "delay" | "priority" | "transactional";

export interface ConsumeOptions {
  /** Queues to take from; empty means all. */
  readonly queues: readonly string[];
  /** Most deliveries under way at once. */
  readonly concurrency: number;
}

export interface Consumer {
  /** Takes no more; what was not taken is left to other consumers. Resolves when every delivery under way has been handled; a second call waits for the same end. */
  stop(): Promise<void>;
}

/** `signal` fires when the broker is closed while the delivery is under way. Resolve = done, reject = deliver again. */
export type DeliveryHandler = (delivery: Delivery, signal: AbortSignal) => Promise<void>;

/**
 * Carries deliveries to workers, at least once. Everything that users see is decided in the store by guarded writes, so a duplicate,
 * late or reordered delivery is harmless, and a lost one is found by the sweep.
 */
export interface Broker {
  readonly name: string;
  readonly features: ReadonlySet<BrokerFeature>;
  /**
   * True when the process that calls `delay` also performs the run, and `delay` waits for its end. Such a broker has one consumer, which
   * takes every delivery at once, whatever the queue.
   */
  readonly inline?: boolean;
  /**
   * Called once the rows of these runs stand in the store (or, with `transaction`, stand or fall with it). A delivery may be dispatched more
   * than once: one that the broker holds already changes nothing. Rejects within seconds when the broker cannot be reached.
   */
  dispatch(deliveries: readonly Delivery[], transaction?: TransactionExecutor): Promise<void>;
  consume?(handle: DeliveryHandler, options: ConsumeOptions): Promise<Consumer>;
  /** Takes a delivery back that nobody has taken, as far as the broker can. True when it was found. */
  withdraw?(delivery: Delivery): Promise<boolean>;
  /** Of a `transactional` one: whether its deliveries are kept in the database that this transaction is on, so that `dispatch` can join it. Asks through it. */
  joins?(transaction: TransactionExecutor): Promise<boolean>;
  /** Of these deliveries, those that the broker does not hold: they are dispatched again. Absent where it cannot be told; all are then. */
  missing?(deliveries: readonly Delivery[]): Promise<Delivery[]>;
  /** The workers that held these deliveries are dead: the broker lets go of what it keeps locked for them. */
  release?(deliveries: readonly Delivery[]): Promise<void>;
  /** Resolves when the broker can be reached; for whoever asks whether this process is ready. Absent where the store says it too. */
  ping?(): Promise<void>;
  /** Fires the signals of what is under way, waits until it has been handled, and hands out nothing more. Idempotent, also before first use. */
  close(): Promise<void>;
}
