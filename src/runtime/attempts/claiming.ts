import type { Delivery } from "../../core/broker.ts";
import { statesBefore } from "../../core/states.ts";
import type { Change } from "../../core/store.ts";

const claimable = statesBefore("in_progress", "claim");

/** The write that makes `worker` the one holder of the attempt that a delivery asks for. `lease` is in ms. */
export function claiming({ runId, attempt }: Delivery, worker: string, lease: number): Change {
  return {
    id: runId,
    claim: true,
    guard: { states: claimable, attempt: attempt - 1, due: true },
    patch: {
      set: {
        state: "in_progress",
        worker,
        lease: { fromNow: lease },
        timeoutAt: "from_timeout",
        stepStarted: { fromNow: 0 },
        ...(attempt === 1 ? { started: { fromNow: 0 } } : { steps: "restart", stateText: null }),
      },
      add: { attempt: 1 },
    },
  };
}
