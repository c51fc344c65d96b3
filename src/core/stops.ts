import type { Run } from "./run.ts";

/** One stop event on its way to one durable listener. A run stops once, so `runId` and `listener` together are the event's id. */
export interface StopDelivery {
  readonly runId: string;
  readonly listener: string;
  /** 1-based count of tries, this one included. */
  readonly tries: number;
  /** The run that stopped, also when it was deleted meanwhile. */
  readonly run: Run;
}

/** Remembers which durable listeners (and webhooks) still have to hear of which ended runs. */
export interface StopStore {
  /** From now on every run that ends is kept for this listener, whichever process ends it. */
  register(listener: string): Promise<void>;
  /** Forgets the listener and what it has not heard. */
  unregister(listener: string): Promise<void>;
  /** Takes events of these listeners that are due, for `lease` ms: nobody else gets them meanwhile. */
  take(options: { listeners: readonly string[]; limit: number; lease: number }): Promise<StopDelivery[]>;
  /** The listener has heard. */
  done(delivery: Omit<StopDelivery, "run">): Promise<void>;
  /** Not heard: due again in so many ms, or, with null, given up until `redeliver`. */
  again(delivery: Omit<StopDelivery, "run">, inMs: number | null, error: string): Promise<void>;
  /** Makes the event of this run due at once, whether it was given up, is waiting or was heard long ago. False when there is no such ended run, or no such listener. */
  redeliver(runId: string, listener: string): Promise<boolean>;
}

/** Told once a run has ended, whoever ended it. */
export interface StopEvent {
  readonly run: Run;
  /** The same at each delivery of the same event, to tell repetitions by. */
  readonly eventId: string;
}
