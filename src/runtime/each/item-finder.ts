import type { RetryItem } from "../../core/ledger.ts";
import { cursorText, itemsBehind, iteratorOf } from "./items.ts";
import type { VisitsOptions } from "./visits.ts";

type Items = Iterator<unknown> | AsyncIterator<unknown>;
type Found = { readonly item: unknown } | null;

/** Finds items that failed once: at their cursor, as they were kept, or at their place. Null stands for one that is not there any more. */
export class ItemFinder {
  readonly #options: VisitsOptions;
  /** The source while it stands behind the item that was found last: the next one may follow. */
  #open: { readonly items: Items; at: string | number | null } | undefined;

  constructor(options: VisitsOptions) {
    this.#options = options;
  }

  find(row: RetryItem): Promise<Found> | Found {
    const { source, cursorOf } = this.#options;
    if (cursorOf) return this.#atCursor(row);
    if (row.item !== null) return { item: JSON.parse(row.item) as unknown };
    if (!Array.isArray(source)) return this.#atPlace(row.index);
    return row.index < source.length ? { item: source[row.index] } : null;
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.items.return?.();
  }

  /** What a source that begins behind the item before it brings first, if that is the item. */
  async #atCursor({ before, cursor, index }: RetryItem): Promise<Found> {
    const { loop, cursorOf } = this.#options;
    const found = await this.#next(before, before === null ? undefined : JSON.parse(before), 0);
    if (!found) return null;
    const at = cursorText(loop, cursorOf?.(found.item, index));
    if (this.#open) this.#open.at = at;
    return at === cursor ? found : null;
  }

  async #atPlace(index: number): Promise<Found> {
    const { source } = this.#options;
    const open = this.#open;
    // A source that is no function begins but once, so the items between are walked past.
    if (open && typeof source !== "function") for (; (open.at as number) < index; open.at = (open.at as number) + 1) await open.items.next();
    const found = await this.#next(index, index === 0 ? undefined : index, index);
    if (this.#open) this.#open.at = index + 1;
    return found;
  }

  /** The next item of the source, which stands at `at` or is opened there. */
  async #next(at: string | number | null, from: unknown, skip: number): Promise<Found> {
    if (this.#open?.at !== at || !this.#open) {
      await this.close();
      this.#open = { items: iteratorOf(await itemsBehind(this.#options.source, from, skip, this.#options.signal)), at };
    }
    const { value, done } = await this.#open.items.next();
    if (done) this.#open = undefined;
    return done ? null : { item: value };
  }
}
