import type { Broker } from "../../core/broker.ts";
import type { Message } from "../../core/messages.ts";
import type { Run } from "../../core/run.ts";
import { statesBefore } from "../../core/states.ts";
import type { Change, Store, Stray } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { errorArtifact, inWords } from "../attempts/outcome.ts";
import { deliveryOf } from "../delivery-of.ts";
import type { Writer } from "../writer.ts";

/** How long a run waits after its worker was lost, ms: long enough for its user to read why it begins anew, and for what took the worker down to pass. */
const PAUSE_MS = 1000;
/** Most strays that one look brings. */
const LIMIT = 200;

export interface SweepParts {
  readonly store: Store;
  readonly writer: Writer;
  readonly broker: Broker;
  readonly log: Log;
  /** How long a task may go on after it was asked to stop, ms. */
  readonly cancelGrace: number;
  /** How long a delivery may be late before it is sent again, ms. */
  readonly undeliveredAfter: number;
}

/**
 * Heals what died: runs whose worker fell silent are tried again or fail truthfully, cancels that a task ignored are carried out, and
 * runs that no delivery reached are dispatched again. Any number of processes may sweep at once: every mend is a guarded write.
 */
export async function sweep({ store, writer, broker, log, cancelGrace, undeliveredAfter }: SweepParts): Promise<void> {
  const strays = await store.strays({ cancelGrace, undeliveredAfter, limit: LIMIT });
  const mended = await Promise.all(strays.filter((stray) => stray.kind !== "undelivered").map((stray) => writer.change(mend(stray, cancelGrace))));
  for (const run of mended) if (run) log.warn({ runId: run.id, state: run.state, attempt: run.attempt }, `Swept run ${run.id}: it is ${run.state} now.`);
  const retrying = mended.filter((run): run is Run => run?.state === "retrying");
  const undelivered = strays.filter((stray) => stray.kind === "undelivered").map(({ run }) => ({ ...deliveryOf(run), runAt: Date.now() }));
  if (retrying.length + undelivered.length > 0) await broker.dispatch([...undelivered, ...retrying.map(deliveryOf)]);
}

/** The write that mends a stray whose worker is gone or does not listen. */
export function mend({ kind, run, timedOut, timeout }: Stray, cancelGrace: number): Change {
  const guard = { attempt: run.attempt, ...(kind === "lease_expired" ? { leaseExpired: true as const } : { cancelOlderThan: cancelGrace }) };
  const change = (to: Run["state"], set: Change["patch"]["set"]): Change => ({
    id: run.id,
    guard: { states: statesBefore(to, "sweep"), ...guard },
    patch: { set: { state: to, worker: null, lease: null, timeoutAt: null, stateText: null, ...set } },
  });
  if (run.state === "canceling")
    return change("canceled", { ended: { fromNow: 0 }, ...(kind === "cancel_ignored" && { stateText: { key: "run.cancel_ignored" } }) });
  const limit = inWords(timeout);
  if (run.attempt < run.maxAttempts) {
    const next = { attempt: run.attempt + 1, max: run.maxAttempts };
    const stateText: Message = timedOut ? { key: "run.timeout_retrying", params: { limit, ...next } } : { key: "run.worker_lost_retrying", params: next };
    return change("retrying", { stateText, runAt: { fromNow: PAUSE_MS } });
  }
  const error = timedOut
    ? { code: "timeout" as const, message: { key: "run.timeout", params: { limit } } }
    : { code: "worker_lost" as const, message: { key: "run.worker_lost" } };
  return { ...change("failed", { error, ended: { fromNow: 0 } }), leave: errorArtifact(run, error) };
}
