import type { Clock } from "../../core/clock.ts";
import { LeaseLostError, TaskCanceledError, TaskTimeoutError } from "../../core/errors.ts";
import type { ClaimedRun } from "../../core/run.ts";
import { heldStates } from "../../core/states.ts";
import type { Guard } from "../../core/store.ts";
import type { TaskDefinition } from "../../core/task.ts";

/** Why an attempt is to end before its task returns. */
export type Interruption = "canceled" | "timeout" | "lease_lost" | "released";

/** One try of a run in this process: who may still write for it, and whether it is to stop. */
export class Attempt {
  readonly run: ClaimedRun;
  readonly task: TaskDefinition | undefined;
  readonly worker: string;
  /** Fires when this process shuts down: what can be handed over without loss is, before its time is up. */
  readonly leaving: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #abandoned = Promise.withResolvers<Interruption>();
  #interruption: Interruption | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(run: ClaimedRun, task: TaskDefinition | undefined, worker: string, leaving?: AbortSignal) {
    this.run = run;
    this.task = task;
    this.worker = worker;
    this.leaving = leaving;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  /** Settles once nobody needs to wait for the task any more: its time is up, its lease lost, or it was handed back. */
  get abandoned(): Promise<Interruption> {
    return this.#abandoned.promise;
  }

  /** What each log line about it bears. */
  get fields() {
    const { id: runId, task, attempt } = this.run;
    return { runId, task, attempt, worker: this.worker };
  }

  /** What must hold of the row for this attempt to write. */
  guard(states: Guard["states"] = heldStates): Guard {
    return { states, attempt: this.run.attempt, worker: this.worker };
  }

  /** Its time is up in `timeout` ms. */
  startTimer(timeout: number, clock: Clock): void {
    this.#stopTimer = clock.after(timeout, () => this.interrupt("timeout"));
  }

  /** Fires the task's signal; its reason is the first one given. A task that is canceled may take its time, otherwise nobody waits for it any more. */
  interrupt(why: Interruption): void {
    const first = this.#interruption === undefined;
    this.#interruption ??= why;
    // Before the signal: a task that rejects at once when it fires must not turn "timed out" or "handed back" into an error of its own.
    if (why !== "canceled") this.#abandoned.resolve(why);
    if (first) this.#controller.abort(this.#reason(why));
  }

  end(): void {
    this.#stopTimer?.();
  }

  #reason(why: Interruption): Error {
    if (why === "canceled") return new TaskCanceledError();
    if (why === "timeout") return new TaskTimeoutError(`Attempt ${this.run.attempt} of run ${this.run.id} has used up its ${this.task?.timeout} ms.`);
    return new LeaseLostError(this.run.id, this.run.attempt);
  }
}
