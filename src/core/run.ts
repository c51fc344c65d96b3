import type { Json } from "./json.ts";
import type { LinkKind, NewLink } from "./link.ts";
import type { Message } from "./messages.ts";
import type { State } from "./states.ts";
import type { NamedStep } from "./steps.ts";

/** What the user may see of an error. The technical detail is in the log only, under `support`. */
export interface RunError {
  /** Safe to show to the user. */
  readonly message: Message;
  /** Which kind of failure: the task said so, the task broke, time ran out, the worker went away, or no attempt could start. */
  readonly code: "user" | "internal" | "timeout" | "worker_lost" | "unknown_task" | "invalid_result" | "invalid_input";
  /** Class name of the error that was thrown, for instance "OrderError". */
  readonly type?: string;
  /** Code that the user can tell the support; the log entry of the detail bears the same. */
  readonly support?: string;
}

/**
 * One execution of a task that a user can see: a pure snapshot, as of `rev`. Times are ms since 1970 by the store's clock.
 * The input is not part of it: only a claim hands it out.
 */
export interface Run {
  /** UUIDv7. */
  readonly id: string;
  /** Grows by one with every write that changes this snapshot. */
  readonly rev: number;
  readonly task: string;
  readonly name: string;
  /** A user id, or `visitor:<id>` for an anonymous visitor; null when nobody but the app itself may see the run. */
  readonly owner: string | null;
  readonly queue: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly state: State;
  /** What the task last said it was doing, or a truthful word of Errand's own such as "The worker stopped; …". */
  readonly stateText: Message | null;
  readonly completedSteps: number;
  readonly totalSteps: number;
  /** The steps that its task names; null when it names none. */
  readonly steps: readonly NamedStep[] | null;
  /** Which of them is, or was last, under way, from 0; 0 where there are none. */
  readonly step: number;
  /** How many steps were completed when that one began. */
  readonly stepFrom: number;
  /** When it began, or the attempt where there are none; null before the first claim. */
  readonly stepStarted: number | null;
  /** 1-based number of the current or last attempt; 0 before the first claim. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly result: Json | null;
  readonly error: RunError | null;
  readonly parent: string | null;
  readonly rerunOf: string | null;
  /** Not claimed before this time. */
  readonly runAt: number;
  readonly created: number;
  readonly modified: number;
  readonly started: number | null;
  readonly ended: number | null;
  /** Of linked runs, the container: how it links them; null for a run of a task. */
  readonly kind: LinkKind | null;
  /** The outermost container above; null when there is none. */
  readonly root: string | null;
}

/** A run as its document shows it. */
export interface RunWithArtifacts {
  readonly run: Run;
  /** Of what it left, oldest first. */
  readonly artifactIds: readonly string[];
}

/** A run as a claim returns it, with what the worker needs to perform it. */
export interface ClaimedRun extends Run {
  readonly input: Json;
  /** The trace that the run is a part of; see `NewRun.trace`. */
  readonly trace: string | null;
}

/** What `delay` writes: everything else of a run starts at its default. */
export interface NewRun {
  readonly id: string;
  readonly task: string;
  readonly name: string;
  readonly owner: string | null;
  readonly queue: string;
  readonly priority: number;
  readonly totalSteps: number;
  readonly steps?: readonly NamedStep[] | null;
  readonly maxAttempts: number;
  /** Longest time that one attempt may take, ms. */
  readonly timeout: number;
  /** The input as JSON text: serialised once, when it was checked. */
  readonly input: string;
  readonly parent: string | null;
  readonly rerunOf: string | null;
  /** Its place among linked runs. */
  readonly link?: NewLink;
  /** The trace that its delay is a part of: W3C's traceparent, and tracestate behind a space. */
  readonly trace?: string | null;
  /** Delay before the first attempt, ms from the store's now, or an absolute time in ms since 1970. */
  readonly runAt: { readonly fromNow: number } | number;
}
