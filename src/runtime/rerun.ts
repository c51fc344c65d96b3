import { ConfigurationError, LinkedRunError, NoFailedItemsError, RunNotEndedError } from "../core/errors.ts";
import type { NewRun, Run } from "../core/run.ts";
import { isEnded } from "../core/states.ts";
import type { Storage } from "../core/storage.ts";
import type { Store } from "../core/store.ts";
import type { TaskDefinition } from "../core/task.ts";
import { uploadPrefix } from "./attempts/uploads.ts";
import { newRun } from "./delay.ts";
import { loopTotals } from "./each/failures-of.ts";
import type { RerunOptions } from "./errand.ts";
import { replant } from "./links/replant.ts";

export interface RerunParts {
  readonly store: Store;
  readonly storage: Storage;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
}

/**
 * The rows of a rerun, first the one that it is: of linked runs, those below it follow. Null when there is no such run.
 *
 * @throws RunNotEndedError, NoFailedItemsError, LinkedRunError, ConfigurationError; InvalidInputError when a task's schema does not take the old input any more
 */
export async function rerunRows(parts: RerunParts, runId: string, options: RerunOptions): Promise<readonly NewRun[] | null> {
  const run = (await parts.store.get([runId]))[0];
  if (!run) return null;
  if (run.kind === null || run.parent !== null) {
    const row = await rerunRow(parts, runId, options);
    return row && [row];
  }
  if (!isEnded(run.state)) throw new RunNotEndedError(run.id, run.state);
  checkOnly(options.only);
  const rows = await replant(parts, runId, options);
  return rows.length > 0 ? rows : null;
}

/**
 * The row of a rerun: the same task and input, its uploaded files copied, so that each run goes with its own files. Null when there is
 * no such run.
 *
 * @throws RunNotEndedError, NoFailedItemsError, ConfigurationError; InvalidInputError when the task's schema does not take the old input any more
 */
async function rerunRow({ store, storage, tasks }: RerunParts, runId: string, options: RerunOptions): Promise<NewRun | null> {
  const run = (await store.get([runId]))[0];
  const input = run && (await store.input(runId));
  if (!run || input == null) return null;
  if (!isEnded(run.state)) throw new RunNotEndedError(run.id, run.state);
  if (run.root !== null) await checkInput(store, run, run.root);
  const task = tasks.get(run.task);
  if (!task)
    throw new ConfigurationError(`Run ${run.id} cannot be rerun: this errand has no task "${run.task}". Define it here, or rerun where it is defined.`);
  const owner = options.owner === undefined ? run.owner : options.owner;
  const totalSteps = await failedItems(store, runId, options);
  const whole = await newRun(task, JSON.parse(input), { owner, queue: run.queue, priority: run.priority, ...nameOf(run, task) });
  const row = { ...whole, ...(totalSteps !== undefined && !whole.steps && { totalSteps }) };
  try {
    await copyUploads(storage, run.id, row.id);
    // Deleted meanwhile, it may have lost some of its files before they were copied.
    if ((await store.get([runId])).length > 0) return { ...row, rerunOf: run.id };
  } catch (error) {
    await storage.remove(uploadPrefix(row.id)).catch(() => undefined); // The purge finds what stays.
    throw error;
  }
  await storage.remove(uploadPrefix(row.id));
  return null;
}

/** A part of linked runs whose turn never came has no input yet. @throws LinkedRunError, also for a container: it is begun again with the whole. */
async function checkInput(store: Store, { id, kind, attempt }: Run, root: string): Promise<void> {
  const isMade = kind === null && (attempt > 0 || (await store.links.members(root)).some((member) => member.id === id && member.template === null));
  if (!isMade) throw new LinkedRunError(`Run ${id} cannot be rerun by itself: its input comes from other runs of ${root}. Rerun that.`);
}

/** How many items the rerun is to visit; undefined when it does all anew. @throws NoFailedItemsError, ConfigurationError */
async function failedItems(store: Store, runId: string, { only }: RerunOptions): Promise<number | undefined> {
  checkOnly(only);
  if (only === undefined) return undefined;
  const { kept } = loopTotals(await store.ledger.loops(runId));
  if (kept === 0) throw new NoFailedItemsError(runId);
  return kept;
}

function checkOnly(only: RerunOptions["only"]): void {
  if (only !== undefined && only !== "failed") throw new ConfigurationError(`\`only\` of a rerun must be "failed", but is ${JSON.stringify(only)}.`);
}

/** A task that names its runs does so again; otherwise the name that the run was given, or gave itself, says what it was about. */
function nameOf(run: Run, task: TaskDefinition): { name?: string } {
  return task.generateName ? {} : { name: run.name };
}

async function copyUploads(storage: Storage, from: string, to: string): Promise<void> {
  for (const name of await storage.list(uploadPrefix(from))) {
    const chunks = await storage.read(`${uploadPrefix(from)}/${name}`);
    if (chunks) await storage.write(`${uploadPrefix(to)}/${name}`, chunks);
  }
}
