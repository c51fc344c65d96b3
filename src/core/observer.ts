import type { Run, RunError } from "./run.ts";
import type { Stray } from "./store.ts";

/** How an attempt of this process went. */
export interface AttemptEnd {
  readonly outcome: "returned" | "threw" | "timeout" | "released" | "lost";
  /** The run as that was recorded; null when the attempt had lost the run before. */
  readonly run: Run | null;
  /** What kind of error the task threw, without its text, which may speak of people. */
  readonly error?: Omit<RunError, "message">;
}

/** A web request that showed a run to somebody. */
export interface Showing {
  /** A poll of a form's or view's page, or the run document. */
  readonly kind: "poll" | "document";
  /** When the request came, ms, by `performance.now()`. */
  readonly began: number;
  /** The HTTP status of the answer. */
  readonly status: number;
}

/**
 * Hears what happens in this process, for metrics and the like. It is called in the middle of the work: it returns at once and does not
 * throw. Runs come without their inputs. What other processes do, their own observers hear.
 */
export interface Observer {
  /** A run stands in the store. */
  delayed?(run: Run): void;
  /** A run could not begin: its input was refused, or its task could not name it. */
  refused?(task: string, error: unknown): void;
  /** An attempt begins. */
  claimed?(run: Run): void;
  /** An attempt is over; `run` as it was claimed. */
  settled?(run: Run, end: AttemptEnd): void;
  /** A run was ended, by whatever: an attempt, a cancel, the sweep. */
  ended?(run: Run): void;
  /** The sweep mended a run: lost by its worker, or deaf to its cancel. */
  swept?(kind: Stray["kind"], run: Run): void;
  /** The sweep dispatched deliveries again. */
  redispatched?(count: number): void;
}

/** Ties the delay of a run, its attempts and the requests that show it into one trace. `trace` is W3C's traceparent, and tracestate behind a space. */
export interface Tracing {
  /** Around the write of a new run; what `write` is given is kept with it. */
  delaying<Result>(run: TracedRun, write: (trace: string | null) => Promise<Result>): Promise<Result>;
  /** Around an attempt: what the task does happens within its span. */
  performing(run: Run, trace: string | null, perform: () => Promise<AttemptEnd>): Promise<AttemptEnd>;
  /** A web request has shown a run; `trace` reads what was kept with it. */
  shown(run: Run, showing: Showing, trace: () => Promise<string | null>): void;
  /** What a log line within a span bears; undefined outside of any. */
  fields(): Readonly<Record<string, string>> | undefined;
}

/** What a span may say of a run before it stands. */
export interface TracedRun {
  readonly id: string;
  readonly task: string;
  readonly queue: string;
}
