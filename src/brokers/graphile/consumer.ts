import { setTimeout as rest } from "node:timers/promises";
import type { Logger, TaskList } from "graphile-worker";
import type { Pool } from "pg";
import type { ConsumeOptions, Consumer, Delivery, DeliveryHandler } from "../../core/broker.ts";
import type { Log } from "../../core/task.ts";
import { defaultIdentifier, identifierOf } from "./identifiers.ts";
import { isDelivery, type Jobs } from "./jobs.ts";
import { Places } from "./places.ts";
import { Shift } from "./shift.ts";

/** Rest before a delivery that could not be handled comes again, and between two tries to reach the database, ms. */
const AFTER_ERROR_MS = 500;
/** Shortest time between two looks for new queues, ms. */
const LOOK_MS = 1000;
/** Longest time between two looks, ms: what no notification told of is found then. */
const REST_MS = 5000;
/** Time between two removals of what graphile would keep for ever, ms. */
const CLEAN_MS = 3_600_000;

export interface ConsumerParts {
  readonly jobs: Jobs;
  readonly pool: Pool;
  readonly schema: string;
  readonly logger: Logger;
  readonly log: Pick<Log, "warn">;
  readonly handle: DeliveryHandler;
  readonly options: ConsumeOptions;
  /** Fires when the broker is closed. */
  readonly closing: AbortSignal;
}

/** Keeps one shift of graphile's workers going, whatever happens to the database, and shows it new queues. */
export class GraphileConsumer implements Consumer {
  readonly #parts: ConsumerParts;
  readonly #places: Places;
  readonly #tasks: TaskList = {};
  readonly #stopping = new AbortController();
  /** Shifts that are ending, and the start of the next one. */
  readonly #changes = new Set<Promise<void>>();
  #shift: Shift | undefined;
  #look: NodeJS.Timeout | undefined;
  /** When the next look is due, and when the last one was, on the clock of `performance`. */
  #lookAt = 0;
  #looked = -LOOK_MS;
  #clean: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.#places = new Places(parts.options.concurrency);
  }

  /** @throws when the database cannot be reached now; once it has begun, it waits for it to come back */
  async start(): Promise<void> {
    const { jobs, options } = this.#parts;
    await jobs.migrate();
    await jobs.removeSpent();
    for (const identifier of options.queues.length > 0 ? options.queues.map(identifierOf) : [defaultIdentifier]) this.#learn(identifier);
    await this.#learnAll();
    if (this.#stopping.signal.aborted) return;
    this.#begin();
    this.#clean = setInterval(() => void jobs.removeSpent().catch(() => undefined), CLEAN_MS).unref();
    this.#lookWithin(REST_MS);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#look);
    clearInterval(this.#clean);
    if (this.#shift) await this.#leave(this.#shift);
    while (this.#changes.size > 0) await Promise.all(this.#changes);
  }

  #begin(): void {
    if (this.#stopping.signal.aborted) return;
    const { pool, schema, logger, options } = this.#parts;
    const shift = new Shift({
      pool,
      schema,
      logger,
      tasks: this.#tasks,
      concurrency: options.concurrency,
      places: this.#places,
      onAdded: () => this.#lookSoon(),
      onBroken: (error) => {
        this.#parts.log.warn({ error, broker: "graphile-worker" }, "The connection to graphile-worker's database was lost; it is opened again.");
        this.#during(this.#leave(shift));
        this.#during(this.#beginAgain());
      },
    });
    this.#shift = shift;
  }

  /** What the database was not told of, or did not hear the answer to, is unlocked: it comes again, and the store refuses what was done. */
  async #leave(shift: Shift): Promise<void> {
    if (await shift.end()) return;
    const { jobs } = this.#parts;
    await this.#insist(() => jobs.unlock([shift.id]));
    await this.#insist(() => jobs.removeSpent());
  }

  async #beginAgain(): Promise<void> {
    await this.#insist(() => this.#parts.jobs.migrateAgain());
    this.#begin();
  }

  /** Tries until it is done, or the consumer stops. */
  async #insist(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      const done = await work().then(
        () => true,
        () => false,
      );
      if (done || signal.aborted) return;
      await rest(AFTER_ERROR_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #during(change: Promise<void>): void {
    const ended = change.finally(() => this.#changes.delete(ended));
    this.#changes.add(ended);
  }

  async #perform(delivery: Delivery): Promise<void> {
    const { handle, closing, jobs } = this.#parts;
    if (this.#stopping.signal.aborted) return jobs.putBack(delivery, 0);
    try {
      await handle(delivery, closing);
    } catch {
      await jobs.putBack(delivery, this.#stopping.signal.aborted ? 0 : AFTER_ERROR_MS);
      setTimeout(() => this.#shift?.nudge(1), AFTER_ERROR_MS).unref();
    }
  }

  #learn(identifier: string): boolean {
    if (this.#tasks[identifier]) return false;
    this.#tasks[identifier] = (payload: unknown) => (isDelivery(payload) ? this.#perform(payload) : undefined);
    return true;
  }

  /** A consumer of all queues learns of those that were first used since. */
  async #learnAll(): Promise<void> {
    const { jobs, options } = this.#parts;
    if (options.queues.length > 0) return;
    const found = (await jobs.identifiers()).filter((identifier) => this.#learn(identifier));
    if (found.length > 0) this.#shift?.nudge(options.concurrency);
  }

  #lookSoon(): void {
    this.#lookWithin(Math.max(0, this.#looked + LOOK_MS - performance.now()));
  }

  #lookWithin(ms: number): void {
    if (this.#parts.options.queues.length > 0 || this.#stopping.signal.aborted) return;
    const at = performance.now() + ms;
    if (this.#look && this.#lookAt <= at) return;
    clearTimeout(this.#look);
    this.#lookAt = at;
    this.#look = setTimeout(() => {
      this.#look = undefined;
      this.#looked = performance.now();
      const learned = this.#learnAll().catch(() => undefined); // The shift says so when the database is lost.
      void learned.then(() => this.#lookWithin(REST_MS));
    }, ms).unref();
  }
}
