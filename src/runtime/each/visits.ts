import type { Json } from "../../core/json.ts";
import type { ItemAddress, LoopMark, RetryItem } from "../../core/ledger.ts";
import { ItemFinder } from "./item-finder.ts";
import { cursorText, itemsBehind, type Source } from "./items.ts";

/** An item whose turn has come. */
export interface Visit {
  readonly item: unknown;
  readonly index: number;
  readonly before: string | null;
  /** Its own cursor as JSON text, when the source can begin anywhere. */
  readonly cursor: string | null;
  /** Where the loop goes on once this one has passed. */
  readonly behind: Json;
  /** Of an item to be retried: what it was called, when it is not there any more. */
  readonly gone?: string;
}

export interface VisitsOptions {
  readonly loop: string;
  readonly source: Source;
  readonly cursorOf: ((item: unknown, index: number) => unknown) | undefined;
  readonly signal: AbortSignal;
}

/** The items behind those that were visited. */
export async function* visitsBehind({ loop, source, cursorOf, signal }: VisitsOptions, mark: LoopMark): AsyncGenerator<Visit> {
  let index = mark.visited;
  let before = cursorOf && index > 0 ? JSON.stringify(mark.cursor) : null;
  const from = index === 0 ? undefined : cursorOf ? mark.cursor : index;
  for await (const item of await itemsBehind(source, from, index, signal)) {
    const behind = cursorOf ? (cursorOf(item, index) as Json) : null;
    const cursor = cursorOf ? cursorText(loop, behind) : null;
    yield { item, index, before, cursor, behind };
    before = cursor;
    index += 1;
  }
}

/** The items that failed in an earlier run, behind those that were visited. `page` brings those of a higher number. */
export async function* visitsAgain(options: VisitsOptions, mark: LoopMark, page: (after: number) => Promise<readonly RetryItem[]>): AsyncGenerator<Visit> {
  const finder = new ItemFinder(options);
  try {
    let after = typeof mark.cursor === "number" ? mark.cursor : 0;
    for (let rows = await page(after); rows.length > 0; rows = await page(after)) {
      for (const row of rows) {
        after = row.number;
        const { index, before, cursor } = row;
        const found = await finder.find(row);
        yield { item: found?.item, index, before, cursor, behind: row.number, ...(!found && { gone: row.label }) };
      }
    }
  } finally {
    await finder.close();
  }
}

/** How the item of a visit is found again: a source that can begin anywhere brings it, another keeps it. */
export function addressOf({ before, cursor }: Visit, item: string | null): ItemAddress {
  return { before, cursor, item: cursor === null ? item : null };
}
