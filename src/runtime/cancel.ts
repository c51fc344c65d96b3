import type { Broker } from "../core/broker.ts";
import type { Run } from "../core/run.ts";
import { isEnded, statesBefore } from "../core/states.ts";
import type { Store } from "../core/store.ts";
import type { Log } from "../core/task.ts";
import { deliveryOf } from "./delivery-of.ts";
import type { Writer } from "./writer.ts";

export interface CancelParts {
  readonly store: Store;
  readonly writer: Writer;
  readonly broker: Broker;
  readonly log: Log;
}

/** Wishes the end of a run; see `Errand.cancel`. Between its guarded writes a worker may move the run on, so it looks again until one holds. */
export async function cancelRun({ store, writer, broker, log }: CancelParts, id: string): Promise<Run | null> {
  for (;;) {
    const canceled = await writer.change({
      id,
      guard: { states: statesBefore("canceled", "cancel") },
      patch: { set: { state: "canceled", stateText: null, cancelRequested: { fromNow: 0 }, ended: { fromNow: 0 } } },
    });
    if (canceled) {
      await broker
        .withdraw?.(deliveryOf(canceled))
        .catch((error: unknown) => log.warn({ error, runId: id }, "A canceled run's delivery could not be withdrawn; it will find nothing to do."));
      return canceled;
    }
    const canceling = await writer.change({
      id,
      guard: { states: statesBefore("canceling", "cancel") },
      patch: { set: { state: "canceling", cancelRequested: { fromNow: 0 } } },
    });
    if (canceling) return canceling;
    const run = (await store.get([id]))[0] ?? null;
    if (!run || isEnded(run.state) || run.state === "canceling") return run;
  }
}
