import { Worker } from "node:worker_threads";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { systemClock } from "../system-clock.ts";

/** What the thread is told when it starts. */
export interface HeartbeatOrder {
  readonly module: string;
  readonly options: unknown;
  readonly worker: string;
  readonly lease: number;
  /** One Int32: how many attempts are under way. The thread rests at 0. */
  readonly active: SharedArrayBuffer;
}

/**
 * Renews this process's leases three times per lease, from a thread of its own, so that a task that never yields does not look dead. A
 * store that no other thread can reach is renewed from the main thread, which is all that can use it then. It keeps no process alive.
 */
export class Heartbeat {
  readonly #store: Store;
  readonly #worker: string;
  readonly #lease: number;
  readonly #log: Log;
  readonly #active = new SharedArrayBuffer(4);
  readonly #count = new Int32Array(this.#active);
  #thread: Worker | undefined;
  #stopBeating: (() => void) | undefined;

  constructor(store: Store, worker: string, lease: number, log: Log) {
    this.#store = store;
    this.#worker = worker;
    this.#lease = lease;
    this.#log = log;
  }

  /** Begins to beat; a second call does nothing. */
  start(): void {
    if (this.#thread || this.#stopBeating) return;
    const { address } = this.#store;
    if (address) this.#startThread(address);
    else this.#startBeating();
  }

  /** Says how many attempts are under way. */
  set active(count: number) {
    Atomics.store(this.#count, 0, count);
  }

  async stop(): Promise<void> {
    this.#stopBeating?.();
    this.#stopBeating = undefined;
    const thread = this.#thread;
    if (!thread) return;
    this.#thread = undefined;
    const exited = new Promise<void>((done) => thread.once("exit", () => done()));
    thread.ref();
    thread.postMessage("stop");
    await exited;
  }

  #startThread({ module, options }: { module: string; options: unknown }): void {
    const order: HeartbeatOrder = { module, options, worker: this.#worker, lease: this.#lease, active: this.#active };
    const url = new URL(import.meta.url.endsWith(".ts") ? "./heartbeat-thread.ts" : "./heartbeat-thread.js", import.meta.url);
    const thread = new Worker(url, { workerData: order });
    thread.unref();
    thread.on("message", (error) => this.#log.warn({ error }, "Leases could not be renewed; trying again at the next beat."));
    thread.on("error", (error) => {
      this.#log.error({ error }, "The heartbeat thread died; leases are renewed from the main thread now.");
      this.#thread = undefined;
      this.#startBeating();
    });
    this.#thread = thread;
  }

  #startBeating(): void {
    this.#stopBeating ??= (this.#store.clock ?? systemClock).every(this.#lease / 3, () => this.#beat());
  }

  async #beat(): Promise<void> {
    if (Atomics.load(this.#count, 0) === 0) return;
    try {
      await this.#store.renew(this.#worker, this.#lease);
    } catch (error) {
      this.#log.warn({ error }, "Leases could not be renewed; trying again at the next beat.");
    }
  }
}
