import type { State } from "./states.ts";

/** Which runs a list shows. Everything given must hold. */
export interface RunFilter {
  /** Null: runs without an owner; undefined: everybody's. */
  readonly owner?: string | null;
  readonly states?: readonly State[];
  readonly task?: string;
  /** Part of the name, in any case. */
  readonly name?: string;
  /** Created at this time or later, ms since 1970. */
  readonly createdAfter?: number;
  /** Created before this time, ms since 1970. */
  readonly createdBefore?: number;
  /** Only the children of this run. Null: only runs that are no children, which is what lists for users show. */
  readonly parent?: string | null;
  /** An id, a task, an owner, or a part of a name: whichever matches. */
  readonly search?: string;
}

/** Which artifacts a list shows. Everything given must hold. */
export interface ArtifactFilter {
  /** Of the run. Null: runs without an owner; undefined: everybody's. */
  readonly owner?: string | null;
  /** Only what this run left. */
  readonly run?: string;
}

/** A page of a list, newest first. */
export interface Page {
  readonly limit: number;
  /** Only what is older than the run (or artifact) of this id. */
  readonly before?: string;
  /** Of runs: oldest first, only what is newer than the run of this id; "" begins with the oldest. Children stand in their order then. */
  readonly after?: string;
}
