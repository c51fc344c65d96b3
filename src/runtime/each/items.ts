import { setImmediate as turn } from "node:timers/promises";
import type { EachOpen } from "../../core/each.ts";
import { toJson } from "../../core/json.ts";

export type Items = Iterable<unknown> | AsyncIterable<unknown>;
export type Source = Items | EachOpen<unknown, never>;

/** Longest cursor, and longest item that is kept, characters of JSON. */
const LONGEST = 4096;
/** How long items may be skipped before others have their turn, ms. */
const SKIP_MS = 20;

/** The items of a source that was opened as one that begins anywhere, or those of a list behind the first `skip`. */
export async function itemsBehind(source: Source, from: unknown, skip: number, signal: AbortSignal): Promise<Items> {
  if (typeof source === "function") return source(from as undefined, signal);
  if (skip === 0) return source;
  return Array.isArray(source) ? arrayFrom(source, skip) : skipping(source, skip, signal);
}

export function iteratorOf(items: Items): Iterator<unknown> | AsyncIterator<unknown> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** The number of items of a list that knows it. */
export function lengthOf(source: Source): number | undefined {
  if (Array.isArray(source)) return source.length;
  return source instanceof Set || source instanceof Map ? source.size : undefined;
}

/** The cursor as JSON text. @throws TypeError, RangeError, InvalidJsonError */
export function cursorText(loop: string, cursor: unknown): string {
  if (cursor === undefined) throw new TypeError(`The cursor of loop "${loop}" is undefined: return where the item stands, such as its id.`);
  const text = toJson(`The cursor of loop "${loop}"`, cursor, "Return a key of the item.");
  if (text.length <= LONGEST) return text;
  throw new RangeError(`The cursor of loop "${loop}" has ${text.length} characters of JSON; at most ${LONGEST} are kept. Return a key of the item.`);
}

/** The item as JSON text, when it comes back from it as it is, and is small. */
export function keptItem(item: unknown): string | null {
  if (item === undefined) return null;
  try {
    const text = toJson("The item", item, "");
    return text.length <= LONGEST ? text : null;
  } catch {
    return null; // It is looked for at its place instead.
  }
}

function* arrayFrom(array: readonly unknown[], skip: number): Generator<unknown> {
  for (let index = skip; index < array.length; index++) yield array[index];
}

async function* skipping(source: Items, skip: number, signal: AbortSignal): AsyncGenerator<unknown> {
  let skipped = 0;
  let rested = performance.now();
  for await (const item of source) {
    if (skipped >= skip) {
      yield item;
      continue;
    }
    skipped += 1;
    signal.throwIfAborted();
    if (skipped % 100 === 0 && performance.now() - rested > SKIP_MS) {
      await turn();
      rested = performance.now();
    }
  }
}
