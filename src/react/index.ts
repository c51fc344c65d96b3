"use client";

export type { RunView } from "./run-follower.ts";
export { type UsedRun, type UseRunOptions, useRun } from "./use-run.ts";
