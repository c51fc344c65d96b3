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
  /** From now on every run that ends is kept for this listener, whichever process ends it, and is due so many ms after that is noted (0). */
  register(listener: string, delay?: number): Promise<void>;
  /** Forgets the listener and what it has not heard. */
  unregister(listener: string): Promise<void>;
  /** Takes events of these listeners that are due, for `lease` ms: nobody else gets them meanwhile. */
  take(options: { listeners: readonly string[]; limit: number; lease: number }): Promise<StopDelivery[]>;
  /** The listener has heard. In the same write the event becomes due for those that are to hear of it next, registered or not. */
  done(delivery: Omit<StopDelivery, "run">, next?: readonly string[]): Promise<void>;
  /** Not heard: due again in so many ms, or, with null, given up until `redeliver`. */
  again(delivery: Omit<StopDelivery, "run">, inMs: number | null, error: string): Promise<void>;
  /** Makes the event of this run due at once, whether it was given up, is waiting or was heard long ago. False when there is no such ended run, or neither such a listener nor an event of it for one that another passed it on to. */
  redeliver(runId: string, listener: string): Promise<boolean>;
  /** Events that were given up, newest run first. */
  givenUp(limit: number): Promise<GivenUp[]>;
}

/** A stop event that a durable listener, or a channel of notifications, did not take however often it was tried. */
export interface GivenUp {
  readonly runId: string;
  readonly listener: string;
  readonly tries: number;
  /** What it had against it at the last try. */
  readonly error: string;
}

/** Told once a run has ended, whoever ended it. */
export interface StopEvent {
  readonly run: Run;
  /** The same at each delivery of the same event, to tell repetitions by. */
  readonly eventId: string;
}
