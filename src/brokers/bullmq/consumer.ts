import { setTimeout as rest } from "node:timers/promises";
import { DelayedError, type Job, Worker } from "bullmq";
import type { ConsumeOptions, DeliveryHandler } from "../../core/broker.ts";
import type { RedisAddress } from "./address.ts";
import { deliveryIn } from "./job.ts";
import { openClient } from "./link.ts";
import { encoded, type Queues } from "./queues.ts";

/** Rest before a delivery that could not be handled comes again, ms. */
const AFTER_ERROR_MS = 500;
/** Rest before a delivery comes again that this consumer had no room for, ms: others may take it meanwhile. */
const NO_ROOM_MS = 100;
/** How often the queues are looked at when nothing told of a new one, ms. */
const LOOK_EVERY_MS = 5000;
/** Longest wait for BullMQ's word that there is work, s; then it looks by itself. So long, too, it may take to notice that it was closed while Redis was away. */
const WAIT_S = 1;
/** How long an orderly end is waited for when Redis does not answer, ms. */
const PATIENCE_MS = 2000;

export interface ConsumerParts {
  readonly address: RedisAddress;
  /** How long a connect may take, ms. */
  readonly timeout: number;
  /** How long a job stays with a worker that is not heard of, ms. */
  readonly hold: number;
  readonly queues: Queues;
  readonly handle: DeliveryHandler;
  readonly options: ConsumeOptions;
  /** What went wrong and is tried again. */
  readonly report: (error: unknown, message: string) => void;
}

/** Takes jobs by one of BullMQ's workers for each queue; together they handle no more at once than the consumer may. */
export class JobConsumer {
  readonly #parts: ConsumerParts;
  readonly #workers = new Map<string, Worker>();
  /** Shared by the workers, each of which has one more of its own to wait on. */
  readonly #client;
  /** Where a consumer of all queues hears of new ones. */
  readonly #news;
  /** Fires for the handlers that are still at work. */
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #looking: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.#client = openClient(parts.address, { connectTimeout: parts.timeout, isPatient: true });
    this.#news = parts.options.queues.length === 0 ? openClient(parts.address, { connectTimeout: parts.timeout, isPatient: true }) : undefined;
    for (const client of [this.#client, this.#news]) client?.on("error", () => undefined); // The workers report it.
  }

  begin(): void {
    for (const name of this.#parts.options.queues) this.#open(name);
    const news = this.#news;
    if (!news) return;
    news.on("message", (_channel, name) => this.#open(name));
    // Also after every reconnect: what was told meanwhile was missed.
    news.on("ready", () => void this.#look());
    news.subscribe(this.#parts.queues.known).catch(() => undefined);
    this.#looking = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.stop();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#looking);
    this.#news?.disconnect();
    await Promise.all([...this.#workers.values()].map((worker) => this.#end(worker)));
    this.#client.disconnect();
  }

  /** Waits for the handlers of a worker, however long they take, but not for a Redis that does not answer. */
  async #end(worker: Worker): Promise<void> {
    if (!this.#isConnected) {
      await Promise.all(this.#underWay);
      return worker.close(true);
    }
    const closed = worker.close();
    while (!(await Promise.race([closed.then(() => true), rest(PATIENCE_MS, false, { ref: false })]))) {
      if (this.#underWay.size === 0 && !this.#isConnected) return worker.getBackend().disconnectBlocking(false);
    }
  }

  get #isConnected(): boolean {
    return this.#client.status === "ready";
  }

  async #look(): Promise<void> {
    try {
      for (const name of await this.#parts.queues.names()) this.#open(name);
    } catch (error) {
      this.#parts.report(error, "It could not be seen which queues there are; looking again soon.");
    }
  }

  #open(name: string): void {
    if (this.#workers.has(name) || this.#stopped) return;
    const { options, queues, hold } = this.#parts;
    const worker = new Worker(encoded(name), (job, token) => this.#handle(name, job, token), {
      connection: this.#client,
      prefix: queues.prefix,
      concurrency: options.concurrency,
      skipVersionCheck: true,
      drainDelay: WAIT_S,
      lockDuration: hold,
      stalledInterval: hold / 2,
      // Also of jobs that somebody else has put there.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      // Nothing is ever given up: the store counts attempts.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    worker.on("error", (error) => this.#parts.report(error, "Deliveries could not be taken or settled; trying again."));
    this.#workers.set(name, worker);
  }

  async #handle(queue: string, job: Job, token: string | undefined): Promise<void> {
    const delivery = deliveryIn(queue, job.data);
    if (!delivery) return this.#parts.report(undefined, `Job ${job.id} is no delivery of a run, and was removed.`);
    // Taken while the consumer was being stopped: nobody has seen it yet.
    if (this.#stopped) return again(job, token, 0);
    // Only a consumer of several queues may get more than it has room for.
    if (this.#underWay.size >= this.#parts.options.concurrency) return again(job, token, NO_ROOM_MS);
    const handled = this.#parts.handle(delivery, this.#closing.signal);
    const ended = handled.catch(() => undefined).then(() => void this.#underWay.delete(ended));
    this.#underWay.add(ended);
    try {
      await handled;
    } catch {
      await again(job, token, AFTER_ERROR_MS);
    }
  }
}

/** Puts a job back for later. @throws DelayedError, which tells the worker so */
async function again(job: Job, token: string | undefined, wait: number): Promise<never> {
  await job.moveToDelayed(Date.now() + wait, token);
  throw new DelayedError();
}
