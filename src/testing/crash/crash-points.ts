import type { StopDelivery } from "../../core/stops.ts";
import type { Change, Write, WriteResult } from "../../core/store.ts";

/** A step on the path of a run that a process may die at. */
export type CrashStep = "insert" | "dispatch" | "claim" | "progress" | "artifact" | "settle" | "cancel" | "sweep" | "tell";

/** "before claim": the write is not done. "after claim": it is done, and its answer never comes. */
export type CrashPoint = `${"before" | "after"} ${CrashStep}`;

/** The points that a call of a driver comes to before it does anything. A listener is told between `take` and `done`. */
export function pointsBefore(method: string | symbol, given: readonly unknown[]): CrashPoint[] {
  if (isOfStore(method, given)) return stepsOf(given[0]).map((step): CrashPoint => `before ${step}`);
  if (method === "insertArtifact") return ["before artifact"];
  if (method === "dispatch") return ["before dispatch"];
  return method === "done" ? ["after tell"] : [];
}

/** Those that it comes to once it has done its work. */
export function pointsAfter(method: string | symbol, given: readonly unknown[], result: unknown): CrashPoint[] {
  if (isOfStore(method, given)) {
    const results = result as readonly WriteResult[];
    const done = given[0].filter((_, index) => results[index] && !(results[index] instanceof Error));
    return stepsOf(done).map((step): CrashPoint => `after ${step}`);
  }
  if (method === "insertArtifact") return result ? ["after artifact"] : [];
  if (method === "dispatch") return ["after dispatch"];
  return method === "take" ? (result as readonly StopDelivery[]).map((): CrashPoint => "before tell") : [];
}

/** A storage has a method of that name too, whose first argument is a key. */
function isOfStore(method: string | symbol, given: readonly unknown[]): given is readonly [readonly Write[]] {
  return method === "write" && Array.isArray(given[0]);
}

/** What writes are for, without those that are for none of the steps. */
function stepsOf(writes: readonly Write[]): CrashStep[] {
  return writes.flatMap((write) => ("insert" in write ? "insert" : (stepOfChange(write.change) ?? [])));
}

function stepOfChange({ claim, guard, patch: { set = {} } }: Change): CrashStep | undefined {
  if (claim) return "claim";
  if (guard.leaseExpired || guard.cancelOlderThan !== undefined) return "sweep";
  if (guard.worker !== undefined) return set.state === undefined ? "progress" : "settle";
  return set.cancelRequested === undefined ? undefined : "cancel";
}
