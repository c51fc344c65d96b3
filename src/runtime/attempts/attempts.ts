import type { Run } from "../../core/run.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import type { Attempt } from "./attempt.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** How often the store is asked about the attempts under way when nothing else gives a reason to, ms. */
const ASK_EVERY_MS = 1000;

/** The attempts under way in this process: keeps their leases alive and tells them what the store knows of them. */
export class Attempts {
  readonly #worker: string;
  readonly #store: Store;
  readonly #heartbeat: Heartbeat;
  readonly #log: Log;
  readonly #underWay = new Map<string, Attempt>();
  #timer: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(worker: string, store: Store, heartbeat: Heartbeat, log: Log) {
    this.#worker = worker;
    this.#store = store;
    this.#heartbeat = heartbeat;
    this.#log = log;
  }

  get size(): number {
    return this.#underWay.size;
  }

  add(attempt: Attempt): void {
    // An earlier attempt of the same run, which lost its lease in this very process, would not be asked about any more.
    this.#underWay.get(attempt.run.id)?.interrupt("lease_lost");
    this.#underWay.set(attempt.run.id, attempt);
    this.#heartbeat.active = this.#underWay.size;
    this.#heartbeat.start();
    this.#timer ??= setInterval(() => void this.ask(), ASK_EVERY_MS).unref();
  }

  delete(attempt: Attempt): void {
    if (this.#underWay.get(attempt.run.id) === attempt) this.#underWay.delete(attempt.run.id);
    this.#heartbeat.active = this.#underWay.size;
  }

  /** Tells an attempt of a write of this process that concerns it. */
  heed(run: Run): void {
    if (run.state === "canceling") this.#underWay.get(run.id)?.interrupt("canceled");
  }

  /** Asks the store which attempts are to stop and which are no longer ours. */
  async ask(): Promise<void> {
    if (this.#underWay.size === 0 || this.#asking) return;
    this.#asking = true;
    const asked = [...this.#underWay.values()];
    try {
      const held = new Map((await this.#store.held(this.#worker)).map((run) => [run.id, run]));
      for (const attempt of asked) {
        if (this.#underWay.get(attempt.run.id) !== attempt) continue;
        const row = held.get(attempt.run.id);
        if (row?.attempt !== attempt.run.attempt) attempt.interrupt("lease_lost");
        else if (row.state === "canceling") attempt.interrupt("canceled");
      }
    } catch (error) {
      this.#log.warn({ error }, "Could not ask the store about the attempts under way; asking again soon.");
    } finally {
      this.#asking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
