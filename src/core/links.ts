import type { LinkKind, OnFailure } from "./link.ts";
import type { RunError } from "./run.ts";
import type { State } from "./states.ts";

/** How a container stands: what `advance` needs to decide what is next. */
export interface Family {
  readonly id: string;
  readonly kind: LinkKind;
  readonly parent: string | null;
  readonly onFailure: OnFailure;
  readonly state: State;
  /** Children that have not ended and are not blocked. */
  readonly open: number;
  readonly blocked: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
}

/** What a container shows of the runs below it. */
export interface Sums {
  readonly completed: number;
  readonly total: number;
  /** Sum of their revisions: it grows whenever one of them changes. */
  readonly rev: number;
  /** ms since 1970 */
  readonly modified: number;
}

/** A child that waits for its turn. */
export interface BlockedChild {
  readonly id: string;
  readonly kind: LinkKind | null;
  readonly position: number;
  readonly task: string;
  readonly name: string;
  readonly template: string | null;
}

/** A run of a tree, with what it takes to begin it again. */
export interface Member {
  readonly id: string;
  readonly kind: LinkKind | null;
  readonly parent: string | null;
  readonly weight: number;
  readonly onFailure: OnFailure;
  readonly template: string | null;
  readonly task: string;
  readonly name: string;
  readonly owner: string | null;
  readonly queue: string;
  readonly priority: number;
  /** As JSON text; "null" while it could not be made. */
  readonly input: string;
  readonly state: State;
}

/** What the store knows of linked runs. Their writes are `Change`s like any other. */
export interface LinkStore {
  /** Null when there is no such container, it has ended, or waits for its own turn. */
  family(id: string): Promise<Family | null>;
  /** Whether there is nothing to decide for this container: a child goes on, and none that has ended is to stop the others. Cheap, whatever the number of children. */
  isUnderWay(id: string): Promise<boolean>;
  /** Its children that have not ended and were not yet asked to, in order, blocked ones included. */
  unended(id: string, limit: number): Promise<{ id: string; kind: LinkKind | null }[]>;
  /** Its children that are blocked, in order. */
  blocked(id: string, limit: number): Promise<BlockedChild[]>;
  /**
   * Results of its children as JSON texts by position: "null" of one that did not succeed, null where it was too long to be kept. Only of
   * those before a position when it is given.
   */
  results(id: string, before?: number): Promise<(string | null)[]>;
  /** The error of the first child that failed. */
  firstError(id: string): Promise<RunError | null>;
  sums(id: string): Promise<Sums>;
  /** A container that is in none, and all below it, each behind the one it is in and siblings in order; none when there is no such container, or it is hidden. */
  members(root: string): Promise<Member[]>;
  /** Containers that have not ended although nothing goes on below them, or where something has its turn or is to be stopped. */
  stuck(limit: number): Promise<string[]>;
}
