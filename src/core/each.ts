import type { Json } from "./json.ts";
import type { Message } from "./messages.ts";

type Items<Item> = Iterable<Item> | AsyncIterable<Item>;

/**
 * Opens the items behind `from`, the cursor of the last item that was visited, in the order of their cursors; undefined is the beginning.
 * Called once for each attempt; in a rerun of failed items, for each that does not follow the one before it.
 * `signal` fires when the attempt is to stop.
 */
export type EachOpen<Item, Cursor> = (from: Cursor | undefined, signal: AbortSignal) => Items<Item> | Promise<Items<Item>>;

export interface EachVisit {
  /** Place of the item among all, from 0, counted over all attempts. In a rerun of failed items, the place that it had in the first run. */
  readonly index: number;
  /** The attempt's signal. */
  readonly signal: AbortSignal;
}

interface EachBehaviour<Item> {
  /** Tells this loop from others of the same task; "items" by default. A task with several loops gives each its own. */
  readonly name?: string;
  /**
   * How many items there are, when that is known; the length of an array, a Set or a Map is. Each item is then one step: the run's total
   * grows to make room for them, if it does not have it already. Without a total, items count as steps only when the task has
   * `calculateTotalSteps`.
   */
  readonly total?: number | (() => number | Promise<number>);
  /** What the user calls an item that failed, such as "Row 17"; "#17" by default. Cut to 255 characters. */
  readonly label?: (item: Item, index: number) => string;
  /**
   * What the file of failed items says of one, beside its label and its problem: the cells that its user needs to mend it. At most 50, each
   * cut to 1000 characters. What is not named here is shown to nobody.
   */
  readonly columns?: (item: Item, index: number) => Readonly<Record<string, string | number | boolean | null>>;
  /**
   * What becomes of an error. "record": the item is written down as failed and the loop goes on. "fail": it ends the attempt, as it would
   * without a loop. By default a UserError is recorded and any other fails, since a retry goes on with this very item. The end of the
   * attempt (a cancel, a timeout, a lost lease) and a store that cannot write always pass.
   */
  readonly onItemError?: "record" | "fail" | ((error: unknown) => "record" | "fail");
}

export interface EachOptions<Item> extends EachBehaviour<Item> {
  /** False: every attempt begins with the first item. For loops whose work is in memory, such as one file that is made of all items. */
  readonly cursor?: false;
}

export interface EachCursorOptions<Item, Cursor extends Json> extends EachBehaviour<Item> {
  /** Where an item stands: what the source is given to begin behind it. A key, a byte offset, a page token; at most 4 KiB of JSON. */
  readonly cursor: (item: Item, index: number) => Cursor;
}

/** An item that failed. */
export interface Failure {
  /** Grows with each failure of a run. */
  readonly number: number;
  /** Name of its loop. */
  readonly loop: string;
  /** Place of the item among all, from 0. */
  readonly index: number;
  /** Untrusted text. */
  readonly label: string;
  /** Safe to show to the run's user: of a UserError its own text, of any other error a general sentence with a support code. */
  readonly message: Message;
  /** What `columns` said of it. Untrusted text. */
  readonly columns: Readonly<Record<string, string | number | boolean | null>> | null;
}

export interface EachResult {
  /** Items visited without an error, by all attempts together. */
  readonly done: number;
  readonly failed: number;
  /** The first 100 of those that failed; `errand.failures` has all that are kept. */
  readonly failures: readonly Failure[];
}

/**
 * Visits every item of a source, one after the other, and takes care of all that a long loop needs: it counts steps, notices a cancel
 * between two items, writes down items that fail and goes on, and goes on behind the last durable item when the run is tried again after
 * a crash, a deploy or an error.
 *
 * Each item is visited *at least* once: where the last item was is written at most every 100 ms, with the progress, and with the end of the
 * attempt, so that a crash may repeat the items of the last moments. Make a visit safe to repeat. A task that is to survive a crash needs
 * `retries`; one that is handed over by a worker that shuts down does not.
 *
 * The source is an array or any other (async) iterable, which must come in the same order each time, since a new attempt skips as many
 * items as were visited; or a function that begins where it is told, which costs nothing to resume. Without `cursor`, it is told the number
 * of items visited.
 *
 * When items have failed, the run leaves their list as the file "failed-items.csv", and `errand.rerun(runId, { only: "failed" })` visits
 * only those: each as the source gives it then, where there is a `cursor`; else as it was when it failed (up to 4 KiB of JSON), or the one at
 * the same place. At most 10,000 failed items of a run are kept; further ones are counted.
 *
 * ```ts
 * const { done, failed } = await each((from?: number) => attendeesBehind(from), { total: await countAttendees(), cursor: ({ id }) => id }, async (attendee) => {
 *   if (!attendee.email) throw new UserError("The e-mail address is missing.");
 *   await sendTicket(attendee);
 * });
 * ```
 *
 * @throws what a visit throws that is not recorded, and what the source throws; ConfigurationError when a loop of this name was begun already
 */
export interface Each {
  <Item, Cursor extends Json>(
    source: EachOpen<Item, Cursor>,
    options: EachCursorOptions<Item, Cursor>,
    visit: (item: Item, at: EachVisit) => unknown,
  ): Promise<EachResult>;
  <Item>(source: Items<Item> | EachOpen<Item, number>, options: EachOptions<Item>, visit: (item: Item, at: EachVisit) => unknown): Promise<EachResult>;
  <Item>(source: Items<Item> | EachOpen<Item, number>, visit: (item: Item, at: EachVisit) => unknown): Promise<EachResult>;
}
