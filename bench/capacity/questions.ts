import type { Change, NewRun, Store } from "errand";
import { v7 } from "uuid";
import type { Database } from "./database.ts";
import { HEAVY_OWNER, RARE_TASK } from "./fill.ts";

/** One thing that is asked of a store, to be asked of a large one and of a small one. */
export interface Question {
  readonly name: string;
  /** How often in a row it is asked for one figure. */
  readonly times: number;
  /** It goes through much of what is there, and docs/capacity.md says so. */
  readonly linear?: true;
  ask(store: Store, known: Known): Promise<unknown>;
}

/** What a question may ask about. */
export interface Known {
  /** Ended runs from all over the table, one at a time. */
  readonly someId: () => string;
  /** The same, each only once: it may be deleted. */
  readonly doomedId: () => string;
  /** A run in the middle of the table, and one in the middle of the heavy owner's. */
  readonly middle: string;
  readonly ownersMiddle: string;
}

/** Who holds the runs that are under way. */
const WORKER = "01900000-0000-7000-8000-000000000001";
const LEASE = 600_000;
const open = ["pending", "in_progress", "retrying", "canceling"] as const;
const mine = { owner: HEAVY_OWNER, parent: null };

/** What a web process and a worker ask at every turn, what users look at, and what the upkeep does. */
export const questions: readonly Question[] = [
  { name: "delay (insert)", times: 20, ask: (store) => store.write([{ insert: newRun() }]) },
  { name: "delay 100 at once", times: 3, ask: (store) => store.write(Array.from({ length: 100 }, () => ({ insert: newRun() }))) },
  { name: "due, claim, settle", times: 10, ask: workOne },
  { name: "heartbeat", times: 20, ask: (store) => store.renew(WORKER, LEASE) },
  { name: "sweep", times: 20, ask: (store) => store.strays({ cancelGrace: 30_000, undeliveredAfter: 15_000, limit: 500 }) },
  { name: "run document", times: 50, ask: (store, { someId }) => Promise.resolve(store.getWithArtifacts(someId())) },
  { name: "my runs, first page", times: 20, ask: (store) => store.listWithArtifacts(mine, { limit: 20 }) },
  { name: "my runs, deep page", times: 20, ask: (store, { ownersMiddle }) => store.listWithArtifacts(mine, { limit: 20, before: ownersMiddle }) },
  { name: "runs of an owner of few", times: 20, ask: (store) => store.listWithArtifacts({ owner: "u3", parent: null }, { limit: 20 }) },
  { name: "my open runs", times: 20, ask: (store) => store.list({ ...mine, states: open }, { limit: 100 }) },
  { name: "all runs, first page", times: 20, ask: (store) => store.list({}, { limit: 20 }) },
  { name: "all runs, deep page", times: 20, ask: (store, { middle }) => store.list({}, { limit: 20, before: middle }) },
  { name: "all failed runs", times: 20, ask: (store) => store.list({ states: ["failed"] }, { limit: 20 }) },
  { name: "all open runs", times: 1, linear: true, ask: (store) => store.list({ states: open }, { limit: 500 }) },
  { name: "queues and workers", times: 20, ask: (store) => Promise.all([store.queues(), store.workers()]) },
  { name: "what ended just now", times: 20, ask: (store) => store.endedSince(60_000, 100) },
  { name: "delete one", times: 10, ask: deleteOne },
  { name: "purge 256", times: 1, ask: purgeSome },
  { name: "ended per minute, an hour", times: 1, linear: true, ask: (store) => store.endedPerMinute(60) },
  { name: "a rare task", times: 1, linear: true, ask: (store) => store.list({ task: RARE_TASK }, { limit: 20 }) },
];

/** Puts down what is open in any installation: some runs that wait, some that are under way. */
export async function leaveOpen(store: Store): Promise<void> {
  await store.write(Array.from({ length: 200 }, () => ({ insert: newRun() })));
  for (let held = 0; held < 50; held++) await claimOne(store);
}

/** @param database filled */
export async function knownOf(database: Database): Promise<Known> {
  const low = Number(await database.value("SELECT created FROM errand_runs ORDER BY id LIMIT 1"));
  const span = Date.now() - low;
  const at = async (part: number, owner?: string): Promise<string> => {
    const digits = Math.floor(low + span * part)
      .toString(16)
      .padStart(12, "0");
    const filter = owner === undefined ? "" : "AND owner = $2";
    const text = `SELECT id FROM errand_runs WHERE id > $1 ${filter} ORDER BY id LIMIT 1`;
    return database.value(text, [`${digits.slice(0, 8)}-${digits.slice(8)}`, ...(owner === undefined ? [] : [owner])]);
  };
  // The first tenth is the purge's.
  const spread = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) ids.push(await at(0.1 + (0.85 * ((index * 7) % count)) / count));
    return ids;
  };
  const [ids, doomed] = [await spread(200), await spread(1000)];
  let next = 0;
  return {
    someId: () => ids[next++ % ids.length] as string,
    doomedId: () => doomed.pop() ?? fail("No run is left that could be deleted: fill more rows."),
    middle: await at(0.5),
    ownersMiddle: await at(0.5, HEAVY_OWNER),
  };
}

function newRun(): NewRun {
  const values = { name: "Export of course 1", task: "export_course", owner: "u2", queue: "default", input: '{"course":1}' };
  return { id: v7(), ...values, priority: 0, totalSteps: 12, maxAttempts: 3, timeout: 3_600_000, parent: null, rerunOf: null, runAt: { fromNow: 0 } };
}

async function claimOne(store: Store): Promise<string> {
  const { deliveries } = await store.due({ queues: [], limit: 1, except: [] });
  const [first] = deliveries;
  if (!first) return fail("Nothing waits that could be claimed.");
  await change(store, {
    id: first.runId,
    claim: true,
    guard: { states: ["pending", "retrying"], attempt: 0, due: true },
    patch: {
      set: { state: "in_progress", worker: WORKER, lease: { fromNow: LEASE }, timeoutAt: "from_timeout", started: { fromNow: 0 } },
      add: { attempt: 1 },
    },
  });
  return first.runId;
}

/** A whole life, so that there is as much open afterwards as before. */
async function workOne(store: Store): Promise<void> {
  await store.write([{ insert: newRun() }]);
  await settle(store, await claimOne(store));
}

async function settle(store: Store, id: string): Promise<void> {
  const set = { state: "succeeded", worker: null, lease: null, timeoutAt: null, result: '{"pages":7}', ended: { fromNow: 0 } } as const;
  await change(store, { id, guard: { states: ["in_progress", "canceling"], attempt: 1, worker: WORKER }, patch: { set } });
}

async function change(store: Store, wanted: Change): Promise<void> {
  const [run] = await store.write([{ change: wanted }]);
  if (!run || run instanceof Error) throw run ?? new Error(`Run ${wanted.id} could not be changed.`);
}

async function deleteOne(store: Store, { doomedId }: Known): Promise<void> {
  const ids = await store.hide([doomedId()]);
  await store.erase(ids);
}

/** What the hourly purge does for one batch. */
async function purgeSome(store: Store): Promise<void> {
  const ids = await store.hideEnded({ age: 3_600_000, limit: 256 });
  if (ids.length === 0) fail("Nothing is left that could be purged: fill more rows.");
  await store.listArtifacts(ids);
  await store.erase(ids);
}

function fail(why: string): never {
  throw new Error(why);
}
