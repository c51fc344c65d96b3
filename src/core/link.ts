/** How runs are linked: one after the other; side by side; or side by side with one more that gets all their results. */
export type LinkKind = "chain" | "group" | "chord";

/** What a failed child does to its container: it stops all of it, or the others go on. */
export type OnFailure = "stop" | "continue";

/** A run's place in a tree of linked runs: a container, or a child, or both. */
export interface NewLink {
  /** Null for a run of a task of its own. */
  readonly kind: LinkKind | null;
  /** The container that the user sees; null when this is it. */
  readonly root: string | null;
  /** Order among the children of its parent, from 0. */
  readonly position: number;
  /** How much its steps count in its containers. */
  readonly weight: number;
  /** Waits for its turn: what comes before it must succeed first. */
  readonly blocked: boolean;
  readonly onFailure: OnFailure;
  /** The input as JSON text with places for results of earlier siblings (see template.ts); null when it has none. */
  readonly template: string | null;
}
