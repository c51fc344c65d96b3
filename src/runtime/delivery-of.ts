import type { Delivery } from "../core/broker.ts";
import type { Run } from "../core/run.ts";

/**
 * The delivery for the next attempt of a run that has just been written. A run's times are by the store's clock and a broker counts by this
 * machine's, so only the span between them is taken over.
 */
export function deliveryOf(run: Run): Delivery {
  const wait = Math.max(0, run.runAt - run.modified);
  return { runId: run.id, queue: run.queue, attempt: run.attempt + 1, priority: run.priority, runAt: Date.now() + wait };
}
