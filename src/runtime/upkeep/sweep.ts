import type { Broker, Delivery } from "../../core/broker.ts";
import type { Message } from "../../core/messages.ts";
import type { Run } from "../../core/run.ts";
import { statesBefore } from "../../core/states.ts";
import type { Change, Store, Stray, WaitingPlace } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { errorArtifact, inWords } from "../attempts/outcome.ts";
import { deliveryOf } from "../delivery-of.ts";
import type { Dispatcher } from "../dispatcher.ts";
import type { Observers } from "../observers.ts";
import type { Writer } from "../writer.ts";

/** How long a run waits after its worker was lost, ms: long enough for its user to read why it begins anew, and for what took the worker down to pass. */
const PAUSE_MS = 1000;
/** Most strays that one look brings. */
const LIMIT = 500;

export interface SweepParts {
  readonly store: Store;
  readonly writer: Writer;
  readonly broker: Broker;
  readonly dispatcher: Dispatcher;
  readonly observers: Observers;
  readonly log: Log;
  /** How long a task may go on after it was asked to stop, ms. */
  readonly cancelGrace: number;
  /** How long a delivery may be late before it is sent again, ms. */
  readonly undeliveredAfter: number;
}

/**
 * Heals what died: runs whose worker fell silent are tried again or fail truthfully, cancels that a task ignored are carried out, and
 * runs that no delivery reached are dispatched again. Any number of processes may sweep at once: every mend is a guarded write.
 *
 * Of a long queue it looks at a part, behind `after`, and returns where the next sweep is to go on. Where the broker has lost deliveries, it
 * goes on at once.
 */
export async function sweep(parts: SweepParts, after?: WaitingPlace): Promise<WaitingPlace | undefined> {
  const { store, cancelGrace, undeliveredAfter } = parts;
  let place = after;
  do {
    const strays = await store.strays({ cancelGrace, undeliveredAfter, limit: LIMIT, ...(place && { after: place }) });
    await mendAll(
      parts,
      strays.filter(({ kind }) => kind !== "undelivered"),
    );
    const late = strays.filter(({ kind }) => kind === "undelivered").map(({ run }) => run);
    const last = late.at(-1);
    place = last && late.length === LIMIT ? { id: last.id, priority: last.priority, runAt: last.runAt } : undefined;
    if ((await dispatchAgain(parts, late)) === 0) break;
  } while (place);
  return place;
}

async function mendAll({ writer, broker, dispatcher, observers, log, cancelGrace }: SweepParts, strays: readonly Stray[]): Promise<void> {
  // One that cannot be written now keeps none of the others waiting.
  const mended = await Promise.all(
    strays.map((stray) =>
      writer.change(mend(stray, cancelGrace)).catch((error: unknown) => {
        log.warn({ error, runId: stray.run.id }, `Run ${stray.run.id} could not be mended; the next sweep tries again.`);
        return null;
      }),
    ),
  );
  for (const [index, run] of mended.entries()) if (run) observers.swept((strays[index] as Stray).kind, run);
  const runs = mended.filter((run): run is Run => run !== null);
  for (const run of runs) log.warn({ runId: run.id, task: run.task, attempt: run.attempt, state: run.state }, `Swept run ${run.id}: it is ${run.state} now.`);
  if (runs.length === 0) return;
  await broker
    .release?.(runs.map((run) => ({ ...deliveryOf(run), attempt: run.attempt })))
    .catch((error: unknown) => log.warn({ error, broker: broker.name }, "The broker could not let go of the deliveries of dead workers."));
  await dispatcher.offer(runs.filter(({ state }) => state === "retrying").map(deliveryOf));
}

/** Returns how many the broker was known to lack. */
async function dispatchAgain({ broker, dispatcher, observers, log }: SweepParts, late: readonly Run[]): Promise<number> {
  if (late.length === 0) return 0;
  const deliveries: readonly Delivery[] = late.map((run) => ({ ...deliveryOf(run), runAt: Date.now() }));
  try {
    const missing = await broker.missing?.(deliveries);
    await dispatcher.offer(missing ?? deliveries);
    observers.redispatched((missing ?? deliveries).length);
    return missing?.length ?? 0;
  } catch (error) {
    log.warn({ error, broker: broker.name }, "The broker could not be asked what it holds; the next sweep asks again.");
    return 0;
  }
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
