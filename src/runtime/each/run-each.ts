import type { Each, EachCursorOptions, EachResult, EachVisit, Failure } from "../../core/each.ts";
import { ConfigurationError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { plainText } from "../../core/messages.ts";
import { checkSteps } from "../../core/progress.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { LiveStatus } from "../attempts/status.ts";
import { keptItem, lengthOf, type Source } from "./items.ts";
import { type ItemFault, judgeItem } from "./judge-item.ts";
import { LoopLedger, type LoopState } from "./loop-ledger.ts";
import { addressOf, type Visit, visitsAgain, visitsBehind } from "./visits.ts";

/** Most failures that `each` returns. */
const MOST_RETURNED = 100;
/** Longest label, and longest name of a loop or a column, characters. */
const LONGEST = 255;
const MOST_COLUMNS = 50;
/** Items that one read of a rerun brings. */
const PAGE = 200;

type AnyOptions = Partial<Omit<EachCursorOptions<unknown, Json>, "cursor">> & { readonly cursor?: ((item: unknown, index: number) => unknown) | false };
type AnyVisit = (item: unknown, at: EachVisit) => unknown;

export interface RunEachParts {
  readonly store: Store;
  readonly log: Log;
}

/** The loops of one attempt. Nothing is read or written before the first of them begins. */
export class RunEach {
  readonly #parts: RunEachParts;
  readonly #attempt: Attempt;
  readonly #status: LiveStatus;
  #opening: Promise<LoopLedger> | undefined;
  /** How many items each loop visits, when the run is to visit only those that failed in another one. */
  #retries: ReadonlyMap<string, number> | undefined;

  constructor(parts: RunEachParts, attempt: Attempt, status: LiveStatus) {
    this.#parts = parts;
    this.#attempt = attempt;
    this.#status = status;
  }

  readonly each = (async (source: Source, ...rest: [AnyVisit] | [AnyOptions, AnyVisit]): Promise<EachResult> => {
    const [options, visit] = rest.length === 1 ? [{}, rest[0]] : rest;
    checkOptions(source, options, visit);
    const name = options.name ?? "items";
    this.#opening ??= this.#open();
    const ledger = await this.#opening;
    const loop = ledger.begin(name, options.cursor === false);
    const failures = loop.kept > 0 ? await this.#parts.store.ledger.failures(this.#attempt.run.id, { loop: name, limit: MOST_RETURNED }) : [];
    const step = await this.#expectSteps(source, options, loop);
    await this.#status.goOn(step * loop.visited);
    if (!loop.ended) {
      for await (const at of this.#visits(source, options, loop)) {
        this.#attempt.signal.throwIfAborted();
        const fault = await this.#visit(at, options, visit);
        const failure = fault && this.#record(ledger, loop, at, options, fault);
        if (failure && failures.length < MOST_RETURNED) failures.push(failure);
        ledger.passed(loop, at.behind);
        // Nothing is lost here, and nothing done twice.
        if (options.cursor !== false && this.#attempt.leaving?.aborted) this.#attempt.interrupt("released");
        await this.#status.goOn(step);
      }
      ledger.ended(loop);
      await this.#status.goOn(0);
    }
    return { done: loop.visited - loop.failed, failed: loop.failed, failures };
  }) as Each;

  async #open(): Promise<LoopLedger> {
    const { run } = this.#attempt;
    const { ledger } = this.#parts.store;
    const [saved, retries] = await Promise.all([run.attempt > 1 ? ledger.loops(run.id) : null, run.rerunOf === null ? [] : ledger.retries(run.id)]);
    if (retries.length > 0) this.#retries = new Map(retries.map(({ loop, items }) => [loop, items]));
    this.#status.loops = new LoopLedger(saved);
    return this.#status.loops;
  }

  /** Makes room for the loop's steps, and says how many an item is: one, or none where nobody knows how many there will be. */
  async #expectSteps(source: Source, { total }: AnyOptions, loop: LoopState): Promise<0 | 1> {
    if (loop.ended && !this.#retries) {
      const isCounted = total !== undefined || lengthOf(source) !== undefined;
      if (isCounted) this.#status.expectSteps(loop.visited);
      return isCounted || this.#attempt.task?.calculateTotalSteps ? 1 : 0;
    }
    const known = this.#retries ? (this.#retries.get(loop.name) ?? 0) : ((typeof total === "function" ? await total() : total) ?? lengthOf(source));
    if (known !== undefined) this.#status.expectSteps(Math.max(loop.visited, checkSteps(`The total of loop "${loop.name}"`, known)));
    return known !== undefined || this.#attempt.task?.calculateTotalSteps ? 1 : 0;
  }

  #visits(source: Source, { cursor }: AnyOptions, loop: LoopState): AsyncGenerator<Visit> {
    const { store } = this.#parts;
    const { run, signal } = this.#attempt;
    const options = { loop: loop.name, source, cursorOf: cursor || undefined, signal };
    if (!this.#retries) return visitsBehind(options, { ...loop });
    return visitsAgain(options, { ...loop }, (after) => store.ledger.retryItems(run.id, loop.name, { limit: PAGE, after }));
  }

  /** What is wrong with the item; nothing when its visit went well. */
  async #visit(at: Visit, { onItemError }: AnyOptions, visit: AnyVisit): Promise<ItemFault | undefined> {
    if (at.gone !== undefined) return { message: { key: "run.item_gone" } };
    const { signal, run } = this.#attempt;
    try {
      await visit(at.item, { index: at.index, signal });
      return undefined;
    } catch (error) {
      const fault = judgeItem(error, onItemError, signal);
      if (fault.support !== undefined) {
        const fields = { error, ...this.#attempt.fields, index: at.index, support: fault.support };
        this.#parts.log.error(fields, `Item ${at.index} of run ${run.id} of task ${run.task} failed; the loop goes on.`);
      }
      return fault;
    }
  }

  #record(ledger: LoopLedger, loop: LoopState, at: Visit, options: AnyOptions, { message }: ItemFault): Failure | null {
    const { index, gone } = at;
    const label = plainText(gone ?? String(options.label?.(at.item, index) ?? `#${index + 1}`), LONGEST);
    const columns = gone === undefined && options.columns ? plainColumns(options.columns(at.item, index)) : null;
    const kept = at.cursor === null && gone === undefined ? keptItem(at.item) : null;
    return ledger.failed(loop, { index, label, message, columns, ...addressOf(at, kept) });
  }
}

function plainColumns(columns: Readonly<Record<string, unknown>>): NonNullable<Failure["columns"]> {
  return Object.fromEntries(
    Object.entries(columns)
      .slice(0, MOST_COLUMNS)
      .map(([name, value]) => [plainText(name, LONGEST), plainCell(value)]),
  );
}

function plainCell(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)) ? value : plainText(String(value));
}

/** @throws TypeError or ConfigurationError saying what each takes */
function checkOptions(source: Source, { name, cursor, onItemError }: AnyOptions, visit: unknown): void {
  const isSource =
    typeof source === "function" || (typeof source === "object" && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source));
  if (!isSource) throw new TypeError(`each takes an iterable, an async iterable, or a function that opens one; not ${typeof source}.`);
  if (typeof visit !== "function") throw new TypeError("each takes what is to be done with an item as its last argument.");
  if (name !== undefined && (typeof name !== "string" || plainText(name, LONGEST) !== name || name === ""))
    throw new ConfigurationError(`A loop's name must have 1 to ${LONGEST} characters, but is ${JSON.stringify(name)}.`);
  if (typeof cursor === "function" && typeof source !== "function")
    throw new ConfigurationError(
      "`cursor` goes with a source that is a function: (from) => the items behind it. A list is gone through by place; leave `cursor` out.",
    );
  if (onItemError !== undefined && typeof onItemError !== "function" && onItemError !== "record" && onItemError !== "fail")
    throw new ConfigurationError(`onItemError must be "record", "fail" or a function, but is ${JSON.stringify(onItemError)}.`);
}
