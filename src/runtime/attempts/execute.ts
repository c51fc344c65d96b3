import { setTimeout as wait } from "node:timers/promises";
import type { Delivery } from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { StoreError } from "../../core/errors.ts";
import { toJson } from "../../core/json.ts";
import type { Catalogue } from "../../core/messages.ts";
import type { AttemptEnd } from "../../core/observer.ts";
import type { ClaimedRun, Run, RunError } from "../../core/run.ts";
import type { Storage } from "../../core/storage.ts";
import type { Change, Store } from "../../core/store.ts";
import type { Log, TaskContext, TaskDefinition } from "../../core/task.ts";
import { deliveryOf } from "../delivery-of.ts";
import type { Dispatcher } from "../dispatcher.ts";
import { leaveFailures } from "../each/leave-failures.ts";
import { RunEach } from "../each/run-each.ts";
import type { Histories } from "../estimates/histories.ts";
import type { Observers } from "../observers.ts";
import type { Writer } from "../writer.ts";
import { RunArtifacts } from "./artifacts.ts";
import { Attempt } from "./attempt.ts";
import type { Attempts } from "./attempts.ts";
import { claiming } from "./claiming.ts";
import { judgeError, type Outcome, settling } from "./outcome.ts";
import { readInput } from "./read-input.ts";
import { LiveStatus } from "./status.ts";
import { openUpload } from "./uploads.ts";

/** How long to wait before a settling is tried again when the store cannot write, ms. */
const SETTLE_AGAIN_MS = 1000;

export interface ExecuteParts {
  readonly clock: Clock;
  readonly worker: string;
  /** ms */
  readonly lease: number;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly store: Store;
  readonly storage: Storage;
  readonly writer: Writer;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  readonly attempts: Attempts;
  readonly observers: Observers;
  readonly histories: Pick<Histories, "add">;
  /** For the files that the runtime itself leaves. */
  readonly catalogue: Catalogue;
}

/** Performs deliveries: claim, prepare, perform, settle, and dispatch again when another attempt is due. */
export class Executor {
  readonly #parts: ExecuteParts;

  constructor(parts: ExecuteParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the task is over, or at once when there is nothing (more) to do for this delivery; `settled` when its end has been
   * recorded. From the claim on, the store alone knows of the run: the delivery need not be kept until then. `handBack` fires when nobody
   * can wait for the task's end any more: then the run is given back for another worker.
   * @throws StoreError from the claim, or what kept the end from being recorded when that is known at once
   */
  async execute(delivery: Delivery, handBack: AbortSignal, leaving?: AbortSignal): Promise<{ readonly settled: Promise<void> } | null> {
    if (handBack.aborted) return null;
    const { attempts, worker, writer, lease } = this.#parts;
    const run = await attempts.claim(delivery.runId, () => writer.claim(claiming(delivery, worker, lease)));
    if (!run) return null;
    const performed = Promise.withResolvers<void>();
    const settled = this.#parts.observers.performing(run, () => this.#attempt(run, performed.resolve, handBack, leaving));
    await Promise.race([performed.promise, settled]);
    return { settled };
  }

  async #attempt(run: ClaimedRun, onPerformed: () => void, handBack: AbortSignal, leaving?: AbortSignal): Promise<AttemptEnd> {
    const { attempts, tasks, worker } = this.#parts;
    const attempt = new Attempt(run, tasks.get(run.task), worker, leaving);
    attempts.add(attempt);
    const release = (): void => attempt.interrupt("released");
    handBack.addEventListener("abort", release);
    if (handBack.aborted) release();
    let isSettled = false;
    try {
      const status = this.#liveStatus(attempt);
      const outcome = await this.#perform(attempt, status);
      onPerformed();
      const spans = status.spans();
      const settled = await this.#settle(attempt, outcome, status, handBack);
      isSettled = true;
      if (settled?.state === "succeeded") this.#parts.histories.add(settled, spans);
      if (settled?.state === "retrying") await this.#parts.dispatcher.offer([deliveryOf(settled)]);
      return { outcome: outcome.kind, run: settled, ...(outcome.kind === "threw" && { error: withoutText(outcome.error) }) };
    } finally {
      handBack.removeEventListener("abort", release);
      attempt.end();
      attempts.delete(attempt, { isSettled });
    }
  }

  #liveStatus(attempt: Attempt): LiveStatus {
    const { writer, log } = this.#parts;
    return new LiveStatus(
      attempt.run.totalSteps,
      attempt.signal,
      async ({ values, ledger }) => {
        try {
          const written = await writer.change({ id: attempt.run.id, guard: attempt.guard(), patch: { set: values }, ...(ledger && { ledger }) });
          if (!written) attempt.interrupt("lease_lost");
          else if (written.state === "canceling") attempt.interrupt("canceled");
          return true;
        } catch (error) {
          log.warn({ error, ...attempt.fields }, "Progress could not be written; a later write will bring it.");
          return false;
        }
      },
      attempt.run.steps,
    );
  }

  async #perform(attempt: Attempt, status: LiveStatus): Promise<Outcome> {
    const { task, run } = attempt;
    if (!task) {
      this.#parts.log.error(attempt.fields, `No task named "${run.task}" is defined in this worker. Define it here, or give the worker queues of its own.`);
      return { kind: "threw", final: true, error: { code: "unknown_task", message: { key: "run.unknown_task" } } };
    }
    attempt.startTimer(task.timeout, this.#parts.clock);
    const performed = this.#call(attempt, task, status);
    const abandoned = attempt.abandoned.then((why): Outcome => ({ kind: why === "timeout" ? "timeout" : why === "released" ? "released" : "lost" }));
    return Promise.race([performed, abandoned]);
  }

  async #call(attempt: Attempt, task: TaskDefinition, status: LiveStatus): Promise<Outcome> {
    const context = this.#context(attempt, status);
    try {
      const input = await readInput(task, attempt.run.input);
      const returned = await task.run(input as never, context);
      const result = toJson(`The result of task ${task.name}`, returned, "Leave it as an artifact and return its id.");
      if (status.loops) await leaveFailures(this.#parts, context.artifacts, attempt, status);
      return { kind: "returned", result };
    } catch (thrown) {
      const outcome = judgeError(thrown);
      if (outcome.error.code !== "user" && attempt.interruption === undefined) {
        const { runId, attempt: number } = attempt.fields;
        const { support } = outcome.error;
        this.#parts.log.error({ error: thrown, ...attempt.fields, support }, `Attempt ${number} of run ${runId} of task ${task.name} failed.`);
      }
      if (status.loops && (outcome.final || attempt.run.attempt >= attempt.run.maxAttempts))
        await leaveFailures(this.#parts, context.artifacts, attempt, status);
      return outcome;
    }
  }

  #context(attempt: Attempt, status: LiveStatus): TaskContext {
    const { run } = attempt;
    const parts = this.#parts;
    const { storage, log } = parts;
    let loops: RunEach | undefined;
    return {
      runId: run.id,
      owner: run.owner,
      attempt: run.attempt,
      status,
      signal: attempt.signal,
      artifacts: new RunArtifacts(parts, attempt),
      log: boundLog(log, attempt.fields),
      // Most tasks have no loop.
      get each() {
        loops ??= new RunEach(parts, attempt, status);
        return loops.each;
      },
      open: (upload) => openUpload(storage, run, upload),
    };
  }

  /** Records the outcome; waits out a store that cannot write for the moment, since the work itself is done. */
  async #settle(attempt: Attempt, outcome: Outcome, status: LiveStatus, handBack: AbortSignal): Promise<Run | null> {
    const { writer, log } = this.#parts;
    const retryIn = attempt.task?.retry.backoff(attempt.run.attempt) ?? 0;
    const changes = settling(attempt, outcome, { unwritten: status.takeUnwritten(), totalSteps: status.totalSteps }, retryIn);
    for (;;) {
      try {
        return await firstThatHolds(writer, changes);
      } catch (error) {
        if (!(error instanceof StoreError) || !error.temporary || attempt.interruption === "lease_lost" || handBack.aborted) throw error;
        log.warn({ error, ...attempt.fields }, "The end of an attempt could not be written; trying again.");
        await wait(SETTLE_AGAIN_MS, undefined, { signal: handBack }).catch(() => undefined);
      }
    }
  }
}

function withoutText({ message: _, ...rest }: RunError): Omit<RunError, "message"> {
  return rest;
}

async function firstThatHolds(writer: Writer, changes: readonly Change[]): Promise<Run | null> {
  for (const change of changes) {
    const run = await writer.change(change);
    if (run) return run;
  }
  return null;
}

function boundLog(log: Log, bound: object): Log {
  return {
    debug: (fields, message) => log.debug({ ...bound, ...fields }, message),
    info: (fields, message) => log.info({ ...bound, ...fields }, message),
    warn: (fields, message) => log.warn({ ...bound, ...fields }, message),
    error: (fields, message) => log.error({ ...bound, ...fields }, message),
  };
}
