import { setTimeout as rest } from "node:timers/promises";
import type { ConsumeOptions, Delivery, DeliveryHandler } from "../../core/broker.ts";
import type { RedisAddress } from "./address.ts";
import { openClient } from "./link.ts";
import { Places } from "./places.ts";
import { QueueTaker } from "./queue-taker.ts";
import type { Queues } from "./queues.ts";

/** How often the queues are looked at when nothing told of a new one, ms. */
const LOOK_EVERY_MS = 5000;
/** How long an orderly end is waited for when Redis is not connected, ms. */
const PATIENCE_MS = 2000;
/** The same when it is, and does not answer. */
const LONGEST_PATIENCE_MS = 10_000;

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

/** Takes what lies in its queues; together they handle no more at once than the consumer may. */
export class JobConsumer {
  readonly #parts: ConsumerParts;
  readonly #takers = new Map<string, QueueTaker>();
  readonly #places: Places;
  /** Shared by the takers, each of which has one more of its own to wait on. */
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
    this.#places = new Places(parts.options.concurrency);
    this.#client = openClient(parts.address, { connectTimeout: parts.timeout, isPatient: true });
    this.#news = parts.options.queues.length === 0 ? openClient(parts.address, { connectTimeout: parts.timeout, isPatient: true }) : undefined;
    for (const client of [this.#client, this.#news]) client?.on("error", () => undefined); // The takers report it.
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
    const stopped = Promise.all([...this.#takers.values()].map((taker) => taker.stop()));
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    // Handlers are waited for however long they take, but not a Redis that does not answer.
    const until = performance.now() + LONGEST_PATIENCE_MS;
    while (!(await Promise.race([stopped.then(() => true), rest(PATIENCE_MS, false, { ref: false })]))) {
      if (this.#isConnected && performance.now() < until) continue;
      this.#client.disconnect();
      for (const taker of this.#takers.values()) taker.abandon();
    }
    this.#client.disconnect();
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
    if (this.#takers.has(name) || this.#stopped) return;
    const { queues, hold, report } = this.#parts;
    const handle = (delivery: Delivery): Promise<void> => this.#handle(delivery);
    this.#takers.set(name, new QueueTaker(name, { client: this.#client, queues, hold, report, places: this.#places, handle }));
  }

  #handle(delivery: Delivery): Promise<void> {
    const handled = this.#parts.handle(delivery, this.#closing.signal);
    const ended = handled.catch(() => undefined).then(() => void this.#underWay.delete(ended));
    this.#underWay.add(ended);
    return handled;
  }
}
