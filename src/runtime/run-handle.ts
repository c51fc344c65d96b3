import { RunFailedError, TaskCanceledError, UncommittedRunError } from "../core/errors.ts";
import type { Run } from "../core/run.ts";
import { isEnded } from "../core/states.ts";
import type { Errand } from "./errand.ts";
import { holdProcess } from "./hold-process.ts";
import type { RunHandle } from "./task-api.ts";

/** Follows a run: calls back with newer snapshots, or with the error that ended the following. Returns the way to stop. */
export type Follow = (runId: string, onChange: (run: Run) => void, onLost: (error: Error) => void) => () => void;

/** What whoever waits for a run's end is told when it was deleted. */
export function deletedError(runId: string): RunFailedError {
  return new RunFailedError(runId, "This run was deleted.");
}

function rolledBackError(runId: string): RunFailedError {
  return new RunFailedError(runId, "This run never began: the transaction in which it was started was rolled back.");
}

/** A run that this process started. It is followed only while someone waits for its end, so that runs nobody waits for cost nothing. */
export class KnownRun<Output> implements RunHandle<Output> {
  readonly #errand: Errand;
  readonly #follow: Follow;
  readonly #end = Promise.withResolvers<Run>();
  /** Resolves once the transaction that it was begun in has ended: with whether the run stands. */
  readonly #committed: Promise<boolean> | undefined;
  #stands: boolean | undefined;
  #run: Run;
  #unfollow: (() => void) | undefined;

  /** @param committed only of a run that was begun in a transaction of the app: whether it stands, once that is known */
  constructor(errand: Errand, follow: Follow, run: Run, committed?: Promise<boolean>) {
    this.#errand = errand;
    this.#follow = follow;
    this.#run = run;
    this.#committed = committed;
    committed?.then(
      (stands) => {
        this.#stands = stands;
      },
      () => undefined,
    );
    this.#end.promise.catch(() => undefined); // Nobody need be waiting when the errand is closed.
  }

  get id(): string {
    return this.#run.id;
  }

  get run(): Run {
    return this.#run;
  }

  /** Begins to hear of newer snapshots. */
  follow(): void {
    this.#unfollow ??= this.#follow(
      this.id,
      (run) => this.#update(run),
      (error) => this.#lose(error),
    );
  }

  async ended({ signal }: { signal?: AbortSignal } = {}): Promise<Run> {
    signal?.throwIfAborted();
    if (this.#committed && !(await held(this.#committed, signal))) throw rolledBackError(this.id);
    if (this.#unfollow === undefined && !isEnded(this.#run.state)) {
      this.follow();
      await this.#look();
    }
    if (isEnded(this.#run.state)) return this.#run;
    return held(this.#end.promise, signal);
  }

  async result(): Promise<Output> {
    const run = await this.ended();
    if (run.state === "succeeded") return run.result as Output;
    if (run.state === "canceled") throw new TaskCanceledError();
    throw new RunFailedError(run.id, run.error ? this.#errand.render(run.error.message, "en") : "The task failed.", run.error?.type);
  }

  async cancel(): Promise<Run> {
    const run = await this.#errand.cancel(this.id);
    if (run) this.#update(run);
    else if (this.#committed && !this.#stands) throw this.#stands === false ? rolledBackError(this.id) : new UncommittedRunError(this.id);
    return this.#run;
  }

  /** Reads what happened before the following began. */
  async #look(): Promise<void> {
    try {
      const run = await this.#errand.get(this.id);
      if (run) this.#update(run);
      else this.#lose(deletedError(this.id));
    } catch (error) {
      this.#unfollow?.();
      this.#unfollow = undefined; // So that asking again looks again.
      throw error;
    }
  }

  /** The end cannot be heard of any more. */
  #lose(error: Error): void {
    this.#unfollow?.();
    this.#end.reject(error);
  }

  #update(run: Run): void {
    if (run.rev <= this.#run.rev) return;
    this.#run = run;
    if (!isEnded(run.state)) return;
    this.#unfollow?.();
    this.#end.resolve(run);
  }
}

/** Waits for it, unless the signal fires first; the process goes on for so long. */
async function held<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const release = holdProcess();
  try {
    return await (signal ? unlessAborted(promise, signal) : promise);
  } finally {
    release();
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted(); // It may have fired while the run was read.
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
