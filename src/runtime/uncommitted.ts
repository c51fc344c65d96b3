import type { Delivery } from "../core/broker.ts";
import type { Store, WrittenRun } from "../core/store.ts";
import type { Log } from "../core/task.ts";
import type { JoinedTransaction } from "../core/transaction.ts";
import { closedError } from "./closed-error.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** How soon open transactions are asked after, ms, and after what time at the latest: a rollback is told by nobody, and a notification may be cut off. */
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1000;

export interface UncommittedParts {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
}

/** What was inserted by one call in a caller's transaction. */
interface Waiting {
  /** The run by which it is known whether they stand. */
  readonly runId: string;
  /** What is to be dispatched after the commit. */
  readonly deliveries: readonly Delivery[];
  readonly settle: PromiseWithResolvers<boolean>;
}

interface Open {
  readonly joined: JoinedTransaction;
  readonly waiting: Map<string, Waiting>;
}

/**
 * The runs that this process has begun in transactions of its app which are still open. Once a transaction has ended, those that stand are
 * dispatched, and whoever holds the others is told. It keeps what open transactions have begun, and nothing after their end. When the process
 * ends first, the sweep of any process finds what was committed.
 */
export class Uncommitted {
  readonly #parts: UncommittedParts;
  readonly #open = new Map<unknown, Open>();
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_LOOK_MS;
  #looking = false;
  #again = false;
  #closed = false;

  constructor(parts: UncommittedParts) {
    this.#parts = parts;
  }

  /** Remembers what was inserted. Resolves once its transaction has ended: true when the runs stand. @throws StoreError "closed", when the errand is closed before that */
  add(joined: JoinedTransaction, runId: string, deliveries: readonly Delivery[]): Promise<boolean> {
    const settle = Promise.withResolvers<boolean>();
    settle.promise.catch(() => undefined); // Nobody need be asking.
    const open = this.#open.get(joined.key) ?? { joined, waiting: new Map<string, Waiting>() };
    this.#open.set(joined.key, open);
    open.waiting.set(runId, { runId, deliveries, settle });
    this.#pause = FIRST_LOOK_MS;
    if (this.#closed) this.close();
    else this.#rest();
    return settle.promise;
  }

  /** Others have written: these runs, or nobody knows which. */
  external(written?: readonly WrittenRun[]): void {
    if (this.#open.size === 0) return;
    if (written === undefined || written.some(({ id }) => this.#has(id))) void this.look();
  }

  /** Finds the transactions that have ended. While a look is under way, one more follows it. */
  async look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    do {
      this.#again = false;
      for (const open of [...this.#open.values()]) await this.#ask(open).catch((error: unknown) => this.#failed(error));
    } while (this.#again && !this.#closed);
    this.#looking = false;
    this.#pause = Math.min(this.#pause * 2, LONGEST_LOOK_MS);
    this.#rest();
  }

  /** What is not committed yet is left to the sweep of another process. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { waiting } of this.#open.values()) for (const { settle } of waiting.values()) settle.reject(closedError());
    this.#open.clear();
  }

  #has(runId: string): boolean {
    for (const { waiting } of this.#open.values()) if (waiting.has(runId)) return true;
    return false;
  }

  async #ask({ joined, waiting }: Open): Promise<void> {
    if (this.#closed) return;
    const asked = [...waiting.keys()];
    if (!(await joined.ended(asked[0] as string))) return;
    const standing = new Set(await this.#parts.store.known(asked));
    const deliveries = asked.filter((id) => standing.has(id)).flatMap((id) => waiting.get(id)?.deliveries ?? []);
    for (const id of asked) {
      waiting.get(id)?.settle.resolve(standing.has(id));
      waiting.delete(id);
    }
    if (waiting.size === 0) this.#open.delete(joined.key);
    if (!this.#closed) void this.#parts.dispatcher.offer(deliveries.map((delivery) => ({ ...delivery, runAt: Math.max(delivery.runAt, Date.now()) })));
  }

  #failed(error: unknown): void {
    if (!this.#closed) this.#parts.log.warn({ error }, "Could not ask after an open transaction; trying again in a moment.");
  }

  #rest(): void {
    clearTimeout(this.#timer);
    if (this.#open.size > 0 && !this.#closed) this.#timer = setTimeout(() => void this.look(), this.#pause).unref();
  }
}
