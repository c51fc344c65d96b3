import type { StopEvent } from "../../core/stops.ts";

export type StopListener = (event: StopEvent) => void | Promise<void>;

/** The id by which a listener tells that it hears of the same end again. */
export function eventId(runId: string): string {
  return `${runId}.stopped`;
}

export interface DurableListener {
  readonly name: string;
  readonly hear: StopListener;
  /** Longest time that it may take for one event, ms. */
  readonly timeout: number;
  /** How long after a run's end it hears of it, ms; at once when absent. */
  readonly delay?: number;
  /** How often an event is tried; for about three days when absent. */
  readonly tries?: number;
  /** In place of `hear`: returns the listeners that are to hear of it next. */
  readonly decide?: (event: StopEvent) => Promise<readonly string[]>;
  /** It hears only what another has passed on to it. */
  readonly isSecond?: true;
}
