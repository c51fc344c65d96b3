import { Queue } from "bullmq";
import type { Link } from "./link.ts";

/** The queues of an installation, as BullMQ has them: one per queue of Errand, all under one hash tag, so that a cluster keeps them on one node. */
export class Queues {
  /** What BullMQ puts before the name of a queue. */
  readonly prefix: string;
  /** The set of the queues that were used, and the channel that tells of new ones. */
  readonly known: string;
  readonly #link: Link;
  readonly #open = new Map<string, Queue>();

  constructor(link: Link, prefix: string) {
    this.#link = link;
    this.prefix = `{${prefix}}`;
    this.known = `${this.prefix}:queues`;
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
  async makeKnown(name: string): Promise<void> {
    const client = await this.#link.ready();
    if ((await client.sadd(this.known, name)) === 1) await client.publish(this.known, name);
  }

  /** Those that were ever used. */
  async names(): Promise<string[]> {
    const client = await this.#link.ready();
    return client.smembers(this.known);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((queue) => queue.close().catch(() => undefined)));
    this.#open.clear();
  }
}

/** BullMQ allows no colon in the name of a queue. */
export function encoded(queue: string): string {
  return encodeURIComponent(queue);
}
