"use client";

import { useMemo, useSyncExternalStore } from "react";
import type { Client, RunDocument } from "../client/index.ts";
import { defaultClient, RunFollower, type RunView } from "./run-follower.ts";

export interface UseRunOptions<Of = unknown> {
  /** One for the whole app, made outside of components; by default that of Errand at /errand. */
  readonly client?: Client;
  /** The document that the page was rendered with: shown until a newer one comes. One of another run is passed over. */
  readonly initial?: RunDocument<Of> | null;
}

/** A run, and what can be done with it. The functions stay the same for as long as the run does, and reject as those of the client do. */
export interface UsedRun<Of = unknown> extends RunView<Of> {
  cancel(): Promise<RunDocument<Of>>;
  /** Resolves with the new run; to show that one, give its `url` to `useRun`. */
  rerun(options?: { only?: "failed" }): Promise<RunDocument<Of>>;
  remove(): Promise<void>;
}

/**
 * Shows a run from now to its end: renders anew with each newer revision. `run` is its address or its id; null follows nothing.
 * `Of` is the type of its task, such as `typeof exportCourse`.
 */
export function useRun<Of = unknown>(run: string | URL | null | undefined, { client = defaultClient(), initial = null }: UseRunOptions<Of> = {}): UsedRun<Of> {
  const url = run ? String(run) : undefined;
  // Another object for the same document is no reason to begin anew.
  const follower = useMemo(() => new RunFollower<Of>(client, url, initial && url?.includes(initial.id) ? initial : null), [client, url]);
  const view = useSyncExternalStore(follower.subscribe, follower.view, follower.initialView);
  const { cancel, rerun, remove } = follower;
  return useMemo(() => ({ ...view, cancel, rerun, remove }), [view, cancel, rerun, remove]);
}
