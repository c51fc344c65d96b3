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
}
