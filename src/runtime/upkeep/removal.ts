import { LinkedRunError } from "../../core/errors.ts";
import type { Run } from "../../core/run.ts";
import { isEnded } from "../../core/states.ts";
import type { Storage } from "../../core/storage.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { artifactPrefix } from "../attempts/artifacts.ts";
import { uploadPrefix } from "../attempts/uploads.ts";
import type { Bus } from "../bus.ts";

/** Runs hidden, and files looked at, in one step. */
const BATCH = 256;
/** A file may come before its row, so a younger one without a row is left alone, ms. */
const ORPHAN_AGE = 86_400_000;

export interface RemovalParts {
  readonly store: Store;
  readonly storage: Storage;
  /** Told of each run that goes, for those who watch it. */
  readonly bus: Bus;
  readonly log: Log;
}

/**
 * Deletes a run with all that it left: it is gone for every reader at once, its files and rows follow. One that is under way is canceled
 * first and goes when it has ended. Linked runs go as a whole. False when there is no such run.
 *
 * @throws LinkedRunError for a part of them
 */
export async function removeRun(parts: RemovalParts, id: string, cancel: (id: string) => Promise<Run | null>): Promise<boolean> {
  const [found] = await parts.store.get([id]);
  if (found && found.parent !== null) throw new LinkedRunError(`Run ${id} is a part of linked runs and cannot be deleted by itself. Delete run ${found.root}.`);
  const run = await cancel(id);
  if (!run) return false;
  const hidden = await parts.store.hide([id]);
  for (const each of new Set([id, ...hidden])) parts.bus.gone(each);
  // One that is still under way, and the rest of many, is found by the upkeep of whichever process.
  if (isEnded(run.state)) await clearAway(parts, hidden.length > 0 ? hidden.slice(0, BATCH) : [id]);
  return hidden.length > 0;
}

/** Deletes what ended more than `olderThan` ms ago, in batches, until `signal` fires. Returns how many runs that were. */
export async function purgeRuns(parts: RemovalParts, olderThan: number, signal?: AbortSignal): Promise<number> {
  let purged = 0;
  while (!signal?.aborted) {
    const hidden = await parts.store.hideEnded({ age: olderThan, limit: BATCH });
    purged += hidden.length;
    for (const id of hidden) parts.bus.gone(id);
    for (let start = 0; start < hidden.length; start += BATCH) await clearAway(parts, hidden.slice(start, start + BATCH));
    if (hidden.length < BATCH) break;
  }
  if (!signal?.aborted) await removeOrphans(parts);
  return purged;
}

/** Finishes what a removal or a purge began, and could not end then: the run was under way, its files could not be deleted, or the process died. */
export async function eraseHidden(parts: RemovalParts): Promise<void> {
  for (;;) {
    const ids = await parts.store.hidden(BATCH);
    const cleared = await clearAway(parts, ids);
    if (ids.length < BATCH || cleared === 0) return;
  }
}

/**
 * Erases hidden runs that have ended: first their files, then their rows, so that dying in between leaves a row that says what is still
 * to be done. A run whose files cannot be deleted now stays hidden, for the next time. Returns how many runs were cleared.
 */
async function clearAway({ store, storage, log }: RemovalParts, ids: readonly string[]): Promise<number> {
  const cleared = await Promise.all(
    ids.map(async (id) => {
      try {
        await storage.remove(artifactPrefix(id));
        await storage.remove(uploadPrefix(id));
        return id;
      } catch (error) {
        log.warn({ error, runId: id }, "The files of a deleted run could not be deleted; trying again at the next sweep.");
        return undefined;
      }
    }),
  );
  const erasable = cleared.filter((id) => id !== undefined);
  await store.erase(erasable);
  return erasable.length;
}

/** Deletes files whose run has no row (any more): what a crash left between a file and its row. */
async function removeOrphans({ store, storage, log }: RemovalParts): Promise<void> {
  for (const [folder, prefixOf] of [
    ["artifacts", artifactPrefix],
    ["uploads", uploadPrefix],
  ] as const) {
    const ids = (await storage.list(folder)).filter((name) => Date.now() - createdAt(name) > ORPHAN_AGE);
    for (let start = 0; start < ids.length; start += BATCH) {
      const batch = ids.slice(start, start + BATCH);
      const known = new Set(await store.known(batch));
      for (const id of batch) {
        if (known.has(id)) continue;
        log.warn({ runId: id }, `Deleting files below ${prefixOf(id)}: there is no such run.`);
        await storage
          .remove(prefixOf(id))
          .catch((error: unknown) => log.warn({ error, runId: id }, "They could not be deleted; trying again at the next purge."));
      }
    }
  }
}

/** When a UUIDv7 was made, ms since 1970; now for anything else, which is then never old enough to be an orphan of ours. */
function createdAt(id: string): number {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : Date.now();
}
