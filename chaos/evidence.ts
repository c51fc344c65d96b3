import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Artifact, Run, Store } from "errand";
import { type Entry, entriesIn } from "./journal.ts";
import type { Planned } from "./plan.ts";

const BATCH = 500;

export interface Left extends Artifact {
  /** The file's text; null when there is no file, or it is gone. */
  readonly content: string | null;
}

/** All that can be known of what happened to an installation. */
export interface Evidence {
  readonly plan: readonly Planned[];
  /** The rows. */
  readonly runs: ReadonlyMap<string, Run>;
  /** What each run has left. */
  readonly left: ReadonlyMap<string, readonly Left[]>;
  readonly entries: readonly Entry[];
  /** The process that listened from the first run to the last. */
  readonly observer: string;
}

export async function gather(folder: string, store: Store, plan: readonly Planned[], observer: string): Promise<Evidence> {
  const ids = plan.map(({ id }) => id);
  const artifacts = await inBatches(ids, (batch) => store.listArtifacts(batch));
  const left = artifacts.map((artifact) => ({ ...artifact, content: artifact.key === null ? null : textOf(join(folder, "files", artifact.key)) }));
  return {
    plan,
    runs: await runsOf(store, ids),
    left: Map.groupBy(left, ({ runId }) => runId),
    entries: entriesIn(folder),
    observer,
  };
}

export async function runsOf(store: Store, ids: readonly string[]): Promise<Map<string, Run>> {
  return new Map((await inBatches(ids, (batch) => store.get(batch))).map((run) => [run.id, run]));
}

async function inBatches<Item>(ids: readonly string[], ask: (batch: readonly string[]) => Promise<Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for (let from = 0; from < ids.length; from += BATCH) items.push(...(await ask(ids.slice(from, from + BATCH))));
  return items;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
