/** Where a run stands. The last three are *ended*: a run that reached one of them never moves again. */
export type State = "pending" | "in_progress" | "retrying" | "canceling" | "succeeded" | "failed" | "canceled";

export type EndedState = "succeeded" | "failed" | "canceled";

export interface Edge {
  readonly from: State;
  readonly to: State;
  /** The verb that takes this edge. */
  readonly by: "claim" | "settle" | "cancel" | "sweep" | "release" | "link";
  /** Why the edge exists, in one sentence. */
  readonly why: string;
}

/** The whole life of a run. What is not listed here cannot happen: every write names the states it may start from. */
export const edges: readonly Edge[] = [
  { from: "pending", to: "in_progress", by: "claim", why: "A worker took the first attempt." },
  { from: "pending", to: "canceled", by: "cancel", why: "Nobody had begun, so there is nothing to stop." },
  { from: "in_progress", to: "succeeded", by: "settle", why: "The task returned its result." },
  { from: "in_progress", to: "failed", by: "settle", why: "The task threw and no attempt is left, or the error cannot be cured by trying again." },
  { from: "in_progress", to: "retrying", by: "settle", why: "The task threw and another attempt is left." },
  { from: "in_progress", to: "canceling", by: "cancel", why: "The task must be asked to stop, and only it can say that it has." },
  { from: "in_progress", to: "retrying", by: "sweep", why: "The worker's lease ran out and another attempt is left." },
  { from: "in_progress", to: "failed", by: "sweep", why: "The worker's lease ran out and no attempt is left." },
  { from: "in_progress", to: "retrying", by: "release", why: "The worker is shutting down and hands the run back." },
  { from: "retrying", to: "in_progress", by: "claim", why: "A worker took the next attempt." },
  { from: "retrying", to: "canceled", by: "cancel", why: "Nothing runs between two attempts, so there is nothing to stop." },
  { from: "canceling", to: "canceled", by: "settle", why: "The task stopped when it was asked to." },
  {
    from: "canceling",
    to: "succeeded",
    by: "settle",
    why: "The task had done all of its work before it noticed the wish: saying that it was canceled would be untrue.",
  },
  { from: "canceling", to: "canceled", by: "sweep", why: "The worker is gone, or the task ignored the wish for longer than the grace period." },
  { from: "pending", to: "in_progress", by: "link", why: "The first run below the container was taken." },
  { from: "pending", to: "canceling", by: "link", why: "What is below a container must be stopped before it can be called canceled." },
  { from: "in_progress", to: "canceling", by: "link", why: "What is below a container goes on until it has stopped." },
  { from: "pending", to: "succeeded", by: "link", why: "All below the container had succeeded before anybody noted that it began." },
  { from: "pending", to: "failed", by: "link", why: "A run below the container had failed before anybody noted that it began." },
  { from: "pending", to: "canceled", by: "link", why: "All below the container had ended, one canceled, before anybody noted that it began." },
  { from: "in_progress", to: "succeeded", by: "link", why: "All below the container have ended as they should." },
  { from: "in_progress", to: "failed", by: "link", why: "A run below the container failed, and nothing goes on there any more." },
  { from: "in_progress", to: "canceled", by: "link", why: "A run below the container was canceled, and nothing goes on there any more." },
  { from: "canceling", to: "canceled", by: "link", why: "Nothing goes on below the container any more." },
  { from: "canceling", to: "succeeded", by: "link", why: "All below the container had succeeded before the wish reached it." },
];

export const states: readonly State[] = ["pending", "in_progress", "retrying", "canceling", "succeeded", "failed", "canceled"];

export const endedStates: readonly EndedState[] = ["succeeded", "failed", "canceled"];

/** States in which a worker holds a lease on the run. */
export const heldStates: readonly State[] = ["in_progress", "canceling"];

/** States in which the run waits for a worker. */
export const waitingStates: readonly State[] = ["pending", "retrying"];

const ended: ReadonlySet<State> = new Set<State>(endedStates);

export function isEnded(state: State): state is EndedState {
  return ended.has(state);
}

/** The states from which `by` may lead to `to`: the guard of that write. */
export function statesBefore(to: State, by: Edge["by"]): readonly State[] {
  return edges.filter((edge) => edge.to === to && edge.by === by).map((edge) => edge.from);
}

const labels: Record<State, string> = {
  pending: "Pending",
  in_progress: "In Progress",
  retrying: "Retrying",
  canceling: "Canceling",
  succeeded: "Succeeded",
  failed: "Failed",
  canceled: "Canceled",
};

/** The state as people read it, in English: "In Progress" for `in_progress`. */
export function stateLabel(state: State): string {
  return labels[state];
}
