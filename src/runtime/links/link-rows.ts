import type { LinkKind } from "../../core/link.ts";
import type { NewRun } from "../../core/run.ts";
import type { TaskDefinition } from "../../core/task.ts";
import { newId } from "../new-id.ts";

/** A time that does not come: such a row is never due. The latest that a Date can tell. */
export const NEVER = 8.64e15;

type Unowned = Omit<NewRun, "owner" | "priority">;

/** The row of a container: no worker takes it. */
export function containerRow(id: string, kind: LinkKind, name: string): Unowned {
  const task = `errand.${kind}`;
  return { id, task, name, queue: "default", totalSteps: 0, maxAttempts: 1, timeout: 0, input: "null", parent: null, rerunOf: null, runAt: NEVER };
}

/** The row of a run whose input is not known yet: its name (unless it was given) and its steps come with it. */
export function unfilledRow({ name: task, queue, timeout, retry, steps }: TaskDefinition, name = task): Unowned {
  const common = { totalSteps: steps?.length ?? 1, steps, input: "null", parent: null, rerunOf: null, runAt: NEVER };
  return { id: newId(), task, name, queue, timeout, maxAttempts: retry.maxAttempts, ...common };
}
