import { v7 } from "uuid";
import type { Artifact, NewArtifact } from "../core/artifact.ts";
import type { Delivery } from "../core/broker.ts";
import type { ClaimedRun, NewRun, Run } from "../core/run.ts";
import { endedStates, heldStates, type State, waitingStates } from "../core/states.ts";
import type { Change, Store, WriteResult } from "../core/store.ts";
import { claiming } from "../runtime/attempts/claiming.ts";

/** The row of a run as `delay` would write it, with a new id and whatever is given instead. */
export function newRun(given: Partial<NewRun> = {}): NewRun {
  return {
    id: v7(),
    task: "make_tickets",
    name: "Tickets for the summer concert",
    owner: "u42",
    queue: "default",
    priority: 0,
    totalSteps: 3,
    maxAttempts: 3,
    timeout: 3_600_000,
    input: '{"orderId":3}',
    parent: null,
    rerunOf: null,
    runAt: { fromNow: 0 },
    ...given,
  };
}

/** A text artifact of this attempt, with a new id and whatever is given instead. */
export function newArtifact(run: Pick<Run, "id" | "attempt">, given: Partial<NewArtifact> = {}): NewArtifact {
  return { id: v7(), runId: run.id, attempt: run.attempt, name: "Output", kind: "text", text: "Done.", url: null, key: null, type: null, size: null, ...given };
}

/** The delivery that asks for the next attempt of a waiting run. */
export function deliveryOf(run: Pick<Run, "id" | "queue" | "attempt" | "priority" | "runAt">): Delivery {
  return { runId: run.id, queue: run.queue, attempt: run.attempt + 1, priority: run.priority, runAt: run.runAt };
}

/** One write on its own. @throws whatever the store had against it */
async function writeOne(store: Store, write: Parameters<Store["write"]>[0][number]): Promise<Exclude<WriteResult, Error>> {
  const [result] = await store.write([write]);
  if (result instanceof Error) throw result;
  return result as Exclude<WriteResult, Error>;
}

/** What an attempt leaves; null when it does not hold the run. @throws StoreError */
export async function leave(store: Store, artifact: NewArtifact, guard: { attempt: number; worker: string }): Promise<Artifact | null> {
  return (await store.insertArtifact(artifact, guard))?.artifact ?? null;
}

/** Inserts a run. @throws StoreError */
export async function insert(store: Store, given: Partial<NewRun> = {}): Promise<Run> {
  return (await writeOne(store, { insert: newRun(given) })) as Run;
}

/** Does one change; null when its guard has lost. @throws StoreError */
export function change(
  store: Store,
  run: Pick<Run, "id">,
  guard: Change["guard"],
  patch: Change["patch"] = {},
  more: Partial<Change> = {},
): Promise<Run | null> {
  return writeOne(store, { change: { id: run.id, guard, patch, ...more } });
}

/** Claims the next attempt of a run as the runtime does, for `lease` ms (negative: a lease that has run out). Null when somebody else was first. */
export async function claim(
  store: Store,
  run: Pick<Run, "id" | "queue" | "attempt" | "priority" | "runAt">,
  worker = "worker-1",
  lease = 60_000,
): Promise<ClaimedRun | null> {
  return (await writeOne(store, { change: claiming(deliveryOf(run), worker, lease) })) as ClaimedRun | null;
}

/** Inserts a run and claims its first attempt. */
export async function insertClaimed(
  store: Store,
  { worker = "worker-1", lease = 60_000, ...given }: Partial<NewRun> & { worker?: string; lease?: number } = {},
): Promise<ClaimedRun> {
  const claimed = await claim(store, await insert(store, given), worker, lease);
  if (!claimed) throw new Error("A run that was just inserted could not be claimed.");
  return claimed;
}

/** Ends a run that has not ended, in `state`, `ago` ms before now. */
export async function end(store: Store, run: Pick<Run, "id">, state: State = "succeeded", ago = 0): Promise<Run> {
  const set = { state, worker: null, lease: null, timeoutAt: null, ended: { fromNow: -ago } } as const;
  const ended = await change(store, run, { states: [...waitingStates, ...heldStates] }, { set });
  if (!ended || !(endedStates as readonly State[]).includes(ended.state)) throw new Error(`Run ${run.id} could not be ended.`);
  return ended;
}

/** Inserts a run that ended, in `state`, `ago` ms before now. */
export async function insertEnded(
  store: Store,
  { state = "succeeded", ago = 0, ...given }: Partial<NewRun> & { state?: State; ago?: number } = {},
): Promise<Run> {
  return end(store, await insertClaimed(store, given), state, ago);
}
