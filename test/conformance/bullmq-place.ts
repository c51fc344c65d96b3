import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { v7 } from "uuid";
import { afterAll, afterEach } from "vitest";
import { type BullmqOptions, bullmq } from "../../src/brokers/bullmq.ts";
import type { Broker, Delivery } from "../../src/core/broker.ts";
import { freshPrefix, sharedRedis } from "../support/redis.ts";

/** How far ahead lies what is not due in a test, ms. */
export const later = 3_600_000;
/** A short hold: a job whose worker is gone is found in this time, or a little more. ms */
export const hold = 300;

export function delivery(given: Partial<Delivery> = {}): Delivery {
  return { runId: v7(), queue: "default", attempt: 1, priority: 0, runAt: Date.now(), ...given };
}

/** Brokers, and BullMQ's own view of what they do, for the tests of a file: a fresh prefix each, and all closed after it. */
export function bullmqPlace() {
  const { prefix: base, remove } = freshPrefix();
  const brokers: Broker[] = [];
  const queues: Queue[] = [];
  const clients: Redis[] = [];
  const doors: (() => void)[] = [];
  let prefix = base;
  let count = 0;

  const place = {
    get prefix() {
      return prefix;
    },
    open(options: BullmqOptions = {}): Required<Broker> {
      const broker = bullmq({ url: sharedRedis, prefix, ...options });
      brokers.push(broker);
      return broker as Required<Broker>;
    },
    /** BullMQ's own view of a queue, on a connection of its own. */
    bullQueue(name: string): Queue {
      const queue = new Queue(encodeURIComponent(name), { connection: place.redis(), prefix: `{${prefix}}`, skipMetasUpdate: true });
      queues.push(queue);
      return queue;
    },
    redis(): Redis {
      const client = new Redis(sharedRedis, { maxRetriesPerRequest: null });
      clients.push(client);
      return client;
    },
    /** A door that handlers wait at; it opens at the end of the test at the latest. */
    gate(): { readonly opened: Promise<void>; open(): void } {
      const { promise, resolve } = Promise.withResolvers<void>();
      doors.push(resolve);
      return { opened: promise, open: resolve };
    },
  };

  afterEach(async () => {
    for (const letGo of doors.splice(0)) letGo();
    for (const broker of brokers.splice(0)) await broker.close();
    for (const queue of queues.splice(0)) await queue.close();
    for (const client of clients.splice(0)) {
      const ended = new Promise((resolve) => client.once("end", resolve));
      client.disconnect();
      await ended;
    }
    count += 1;
    prefix = `${base}-${count}`;
  });
  afterAll(remove);
  return place;
}
