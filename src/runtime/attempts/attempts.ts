import type { ClaimedRun, Run } from "../../core/run.ts";
import type { HeldRun, Store, WrittenRun } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import type { Attempt } from "./attempt.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** How often the store is asked about the attempts under way when nothing else gives a reason to, ms. */
const ASK_EVERY_MS = 1000;

export interface AttemptsParts {
  readonly worker: string;
  readonly store: Store;
  readonly heartbeat: Heartbeat;
  readonly log: Log;
  /** Gives back a run that this worker holds and nobody here performs. */
  readonly handBack: (run: HeldRun) => Promise<void>;
}

/** The attempts under way in this process: keeps their leases alive and tells them what the store knows of them. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #underWay = new Map<string, Attempt>();
  /** Runs whose claim has not been answered yet, with how many ask. */
  readonly #claiming = new Map<string, number>();
  /** A claim, or the end of an attempt, may or may not have been written. */
  #inDoubt = false;
  #timer: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /** Makes a claim. @throws whatever it does: the store is asked then whether it was written all the same */
  async claim(runId: string, claim: () => Promise<ClaimedRun | null>): Promise<ClaimedRun | null> {
    this.#claiming.set(runId, (this.#claiming.get(runId) ?? 0) + 1);
    try {
      return await claim();
    } catch (error) {
      this.#doubt();
      throw error;
    } finally {
      const left = (this.#claiming.get(runId) as number) - 1;
      if (left === 0) this.#claiming.delete(runId);
      else this.#claiming.set(runId, left);
    }
  }

  add(attempt: Attempt): void {
    // An earlier attempt of the same run, which lost its lease in this very process, would not be asked about any more.
    this.#underWay.get(attempt.run.id)?.interrupt("lease_lost");
    this.#underWay.set(attempt.run.id, attempt);
    this.#parts.heartbeat.active = this.#underWay.size;
    this.#parts.heartbeat.start();
    this.#startAsking();
  }

  delete(attempt: Attempt, { isSettled }: { isSettled: boolean }): void {
    if (this.#underWay.get(attempt.run.id) === attempt) this.#underWay.delete(attempt.run.id);
    this.#parts.heartbeat.active = this.#underWay.size;
    if (!isSettled) this.#doubt();
  }

  /** Tells an attempt of a write of this process that concerns it. */
  heed(run: Run): void {
    if (run.state === "canceling") this.#underWay.get(run.id)?.interrupt("canceled");
  }

  /** Others have written these runs; without them, anything may have been. */
  heedOthers(written: readonly WrittenRun[] | undefined): void {
    if (written === undefined || written.some(({ id }) => this.#underWay.has(id))) void this.ask();
  }

  /** Asks the store which attempts are to stop, which are no longer ours, and what we hold without knowing. */
  async ask(): Promise<void> {
    if ((this.#underWay.size === 0 && !this.#inDoubt) || this.#asking) return;
    const { store, worker, log } = this.#parts;
    this.#asking = true;
    const asked = [...this.#underWay.values()];
    const claiming = new Set(this.#claiming.keys());
    this.#inDoubt = false;
    try {
      const held = new Map((await store.held(worker)).map((run) => [run.id, run]));
      for (const attempt of asked) {
        if (this.#underWay.get(attempt.run.id) !== attempt) continue;
        const row = held.get(attempt.run.id);
        if (row?.attempt !== attempt.run.attempt) attempt.interrupt("lease_lost");
        else if (row.state === "canceling") attempt.interrupt("canceled");
      }
      for (const run of held.values()) {
        // Whoever was being claimed or performed when the store was asked may have been written meanwhile.
        if (claiming.has(run.id) || this.#claiming.has(run.id) || this.#underWay.has(run.id)) continue;
        await this.#parts.handBack(run);
      }
    } catch (error) {
      this.#inDoubt = true;
      log.warn({ error }, "Could not ask the store about the attempts under way; asking again soon.");
    } finally {
      this.#asking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #doubt(): void {
    this.#inDoubt = true;
    this.#startAsking();
  }

  #startAsking(): void {
    this.#timer ??= setInterval(() => void this.ask(), ASK_EVERY_MS).unref();
  }
}
