import { statesBefore } from "../../core/states.ts";
import type { Change, HeldRun } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { deliveryOf } from "../delivery-of.ts";
import type { Dispatcher } from "../dispatcher.ts";
import type { Writer } from "../writer.ts";

export interface HandBackParts {
  readonly writer: Writer;
  readonly dispatcher: Dispatcher;
  readonly worker: string;
  readonly log: Log;
}

/**
 * Gives back a run that this process holds and nobody here performs: the answer to its claim was lost on the way, or its end could not be
 * written. Its lease would be renewed with the others, and nobody would ever take it.
 */
export async function handBack({ writer, dispatcher, worker, log }: HandBackParts, { id, attempt, state }: HeldRun): Promise<void> {
  const guard = { attempt, worker };
  const given = { worker: null, lease: null, timeoutAt: null } as const;
  const change: Change =
    state === "canceling"
      ? {
          id,
          guard: { states: statesBefore("canceled", "settle"), ...guard },
          patch: { set: { ...given, state: "canceled", stateText: null, ended: { fromNow: 0 } } },
        }
      : {
          id,
          guard: { states: statesBefore("retrying", "release"), ...guard },
          patch: { set: { ...given, state: "retrying", stateText: { key: "run.released" }, runAt: { fromNow: 0 } }, add: { maxAttempts: 1 } },
        };
  const run = await writer.change(change);
  if (!run) return;
  log.warn({ runId: id, task: run.task, attempt, worker, state: run.state }, `Run ${id} was held by this process, but not performed: it is ${run.state} now.`);
  if (run.state === "retrying") await dispatcher.offer([deliveryOf(run)]);
}
