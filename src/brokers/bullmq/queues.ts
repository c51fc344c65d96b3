import { Queue } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Delivery } from "../../core/broker.ts";
import { deliveryId, type JobOptions, jobsOf } from "./job.ts";
import type { Link } from "./link.ts";

/** Most of anything that Redis is asked at once, so that it serves others in between. */
const BATCH = 500;
/** Fewer jobs go one by one: what ioredis makes for a batch costs more than it saves. */
const WORTH_A_BATCH = 12;

/** The queues of an installation, as BullMQ has them: one per queue of Errand, all under one hash tag, so that a cluster keeps them on one node. */
export class Queues {
  /** What BullMQ puts before the name of a queue. */
  readonly prefix: string;
  /** The set of the queues that were used, and the channel that tells of new ones. */
  readonly known: string;
  /** A hash: in which bundle each delivery lies that has no job of its own. An entry whose job is gone means nothing. */
  readonly bundled: string;
  readonly #link: Link;
  readonly #together: number;
  readonly #open = new Map<string, Queue>();
  readonly #forgotten: string[] = [];

  constructor(link: Link, prefix: string, together: number) {
    this.#link = link;
    this.#together = together;
    this.prefix = `{${prefix}}`;
    this.known = `${this.prefix}:queues`;
    this.bundled = `${this.prefix}:bundled`;
  }

  /** Puts deliveries of one queue down as jobs. */
  async add(name: string, deliveries: readonly Delivery[], isPutBack = false): Promise<void> {
    const options: JobOptions = { now: Date.now(), together: this.#together, isPutBack };
    const { jobs, bundled } = jobsOf(deliveries, options);
    const client = await this.#link.ready();
    const queue = this.open(name);
    // Sent before its jobs: their consumer takes it away again.
    const marked = inBatches(bundled).map((batch) => client.hset(this.bundled, ...batch.flat()));
    await Promise.all([...marked, ...added(queue, jobs), this.#makeKnown(name, client)]);
    if (!isPutBack) return;
    const stillBundled = new Set(bundled.map(([id]) => id));
    this.forget(deliveries.filter((delivery) => !stillBundled.has(deliveryId(delivery))));
  }

  /**
   * Deliveries of a bundle have been handled, or have jobs of their own now. Those of one turn of the event loop are told together. Where Redis is
   * gone just then they stay, which nobody believes.
   */
  forget(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    if (this.#forgotten.length === 0) setImmediate(() => this.#tellForgotten());
    for (const delivery of deliveries) this.#forgotten.push(deliveryId(delivery));
  }

  #tellForgotten(): void {
    for (const ids of inBatches(this.#forgotten.splice(0))) void this.#link.client.hdel(this.bundled, ...ids).catch(() => undefined);
  }

  open(name: string): Queue {
    let queue = this.#open.get(name);
    if (!queue) {
      queue = new Queue(encoded(name), {
        connection: this.#link.client,
        prefix: this.prefix,
        skipVersionCheck: true,
        skipWaitingForReady: true,
        skipMetasUpdate: true,
      });
      // The link tells whoever asks it.
      queue.on("error", () => undefined);
      this.#open.set(name, queue);
    }
    return queue;
  }

  /** Tells the consumers of all queues that there is this one. Said again with each dispatch: a Redis that was emptied has forgotten it. */
  async #makeKnown(name: string, client: Redis | Cluster): Promise<void> {
    if ((await client.sadd(this.known, name)) === 1) await client.publish(this.known, name);
  }

  /** Those that were ever used. */
  async names(): Promise<string[]> {
    const client = await this.#link.ready();
    return client.smembers(this.known);
  }

  async close(): Promise<void> {
    this.#tellForgotten();
    await Promise.all([...this.#open.values()].map((queue) => queue.close().catch(() => undefined)));
    this.#open.clear();
  }
}

function added(queue: Queue, jobs: ReturnType<typeof jobsOf>["jobs"]): Promise<unknown>[] {
  if (jobs.length < WORTH_A_BATCH) return jobs.map(({ name, data, opts }) => queue.add(name, data, opts));
  return inBatches(jobs).map((batch) => queue.addBulk([...batch]));
}

/** What goes to Redis in one command, or one batch of them. */
export function inBatches<T>(all: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) => all.slice(index * BATCH, (index + 1) * BATCH));
}

/** BullMQ allows no colon in the name of a queue. */
export function encoded(queue: string): string {
  return encodeURIComponent(queue);
}
