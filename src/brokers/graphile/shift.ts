import { EventEmitter } from "node:events";
import { setTimeout as rest } from "node:timers/promises";
import { type Logger, runTaskList, type TaskList, type WorkerEvents, type WorkerPool } from "graphile-worker";
import type { Pool } from "pg";
import type { Places } from "./places.ts";

/** How long graphile has, after an error and once all is handled, to tell the database what it still can, ms. It may never say that it is done. */
const LAST_WORDS_MS = 2000;

export interface ShiftParts {
  readonly pool: Pool;
  readonly schema: string;
  readonly logger: Logger;
  /** Read again before each job is asked for. */
  readonly tasks: TaskList;
  readonly concurrency: number;
  /** Shared with the shift before, whose jobs may still be under way. */
  readonly places: Places;
  /** Called once, when the shift can no longer be relied on. It still has to be ended. */
  onBroken(error: unknown): void;
  /** Called when somebody added jobs. */
  onAdded(): void;
}

/**
 * One pool of graphile's workers, from its start to its end. An error of the database breaks it: the answer that was lost may have been a
 * job, or its end, and graphile itself would keep that job locked for hours. So it takes no more, and its successor begins anew.
 */
export class Shift {
  readonly #parts: ShiftParts;
  readonly #pool: WorkerPool;
  /** Holds back workers that want to ask for a job, until graphile has told them to stop. */
  readonly #door = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<void>();
  #clean = true;
  #leaving = false;
  /** Graphile has been told to stop, or has told itself. */
  #told = false;
  #ended: Promise<boolean> | undefined;
  /** Questions for a job that are on their way, and jobs that are being handled. */
  #asking = 0;
  #underWay = 0;
  readonly #waiting = new Set<() => void>();

  constructor(parts: ShiftParts) {
    this.#parts = parts;
    const { pool, schema, logger, tasks, concurrency, places } = parts;
    const options = { schema, logger, concurrency, noHandleSignals: true, events: this.#listen() };
    // Asked before each look for a job, which makes it the place to wait for one's turn.
    const forbiddenFlags = async () => {
      await places.take();
      if (this.#leaving) await this.#door.promise;
      this.#asking += 1;
      return null;
    };
    // A worker that is told to stop while it asks, and gets an error, prints it. So it has its answer first.
    const poolGracefulShutdown = async (next: () => PromiseLike<void> | void) => {
      this.#leaving = true;
      this.#told = true;
      await this.#until(() => this.#asking === 0);
      const done = next();
      this.#door.resolve();
      await done;
    };
    const plugins = [{ name: "errand", version: "1", worker: { middleware: { poolGracefulShutdown } } }];
    // Without these batches graphile leaves their rejections to nobody, which ends the process.
    const worker = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };
    this.#pool = runTaskList({ ...options, forbiddenFlags, preset: { plugins, worker } }, tasks, pool);
    this.#pool.promise.catch(() => undefined); // `onBroken` has told.
  }

  /** By what name its jobs are locked. */
  get id(): string {
    return this.#pool.id;
  }

  /** Lets idle workers look now. */
  nudge(count: number): void {
    if (!this.#leaving) this.#pool.nudge(count);
  }

  /** Takes no more, and resolves when what is under way has been handled: true when the database knows of all of it. */
  end(): Promise<boolean> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<boolean> {
    this.#leaving = true;
    const silenced = new AbortController();
    const ended = this.#pool.promise.then(
      () => undefined,
      () => this.#fail(),
    );
    const givenUp = this.#failed.promise
      .then(() => this.#until(() => this.#asking + this.#underWay === 0))
      .then(() => rest(LAST_WORDS_MS, undefined, { signal: silenced.signal }))
      .catch(() => undefined);
    if (!this.#told) void Promise.resolve(this.#pool.gracefulShutdown()).catch(() => undefined);
    await Promise.race([ended, givenUp]);
    silenced.abort();
    return this.#clean;
  }

  #listen(): WorkerEvents {
    const { places, onAdded } = this.#parts;
    const events: WorkerEvents = new EventEmitter();
    events.on("job:start", () => {
      this.#underWay += 1;
      this.#asking -= 1;
      this.#wake();
    });
    events.on("worker:getJob:empty", () => this.#answered());
    events.on("worker:getJob:error", ({ error }) => {
      this.#answered();
      this.#break(error);
    });
    const handled = () => {
      this.#underWay -= 1;
      places.give();
      this.#wake();
    };
    events.on("job:complete", handled);
    events.on("worker:fatalError", ({ error }) => {
      handled();
      this.#break(error);
    });
    events.on("pool:fatalError", ({ error }) => this.#break(error));
    // Graphile ends a pool by itself when its schema was changed under it.
    events.on("pool:gracefulShutdown", ({ message }) => {
      if (!this.#ended) this.#break(new Error(message));
    });
    events.on("pool:listen:notification", onAdded);
    return events;
  }

  #answered(): void {
    this.#asking -= 1;
    this.#parts.places.give();
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }

  async #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  #fail(): void {
    this.#clean = false;
    this.#failed.resolve();
  }

  #break(error: unknown): void {
    const isFirst = this.#clean;
    this.#fail();
    if (!isFirst || this.#ended) return;
    this.#leaving = true;
    // Graphile is in the midst of its own work on this error.
    setImmediate(() => this.#parts.onBroken(error));
  }
}
