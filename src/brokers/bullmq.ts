import { setTimeout as rest } from "node:timers/promises";
import type { ConnectionOptions } from "node:tls";
import type { Queue } from "bullmq";
import type { Broker, Consumer } from "../core/broker.ts";
import { ConfigurationError } from "../core/errors.ts";
import type { Log } from "../core/task.ts";
import { redisAddress } from "./bullmq/address.ts";
import { JobConsumer } from "./bullmq/consumer.ts";
import { jobId, jobOf } from "./bullmq/job.ts";
import { Link } from "./bullmq/link.ts";
import { Queues } from "./bullmq/queues.ts";

/** Most jobs added by one call, so that Redis serves others in between. */
const BATCH = 500;

export interface BullmqOptions {
  /**
   * `redis://user:password@host:6379/0`, `rediss://…` for TLS. A cluster: some of its nodes, `redis://one:7000,two:7000`, or one with
   * `?cluster=true`. Default: `redis://127.0.0.1:6379`.
   */
  readonly url?: string;
  /** What all keys begin with, in braces: `{errand}`. Installations that share a Redis need different ones. */
  readonly prefix?: string;
  /** For TLS: certificates and the like, as `node:tls` takes them. */
  readonly tls?: ConnectionOptions;
  /** After how many ms Redis counts as unreachable when it does not answer; 2000 by default. */
  readonly timeout?: number;
  /** After how many ms a delivery is given to another worker when its own is not heard of; 30,000 by default. */
  readonly hold?: number;
  /** Where it is said that Redis cannot be reached. Nothing is written without it. */
  readonly log?: Pick<Log, "warn">;
}

/**
 * Deliveries as jobs of BullMQ, one of its queues for each of Errand's: its dashboards show them, and its options of a queue hold. Redis need
 * not keep anything: what it forgets is dispatched again by the sweep. It must not evict, though: `maxmemory-policy noeviction`.
 * All queues lie on one node of a cluster, whose others may serve other installations.
 * @throws ConfigurationError for an address that cannot be understood, or an option out of range
 */
export function bullmq(given: string | BullmqOptions = {}): Broker {
  const options = typeof given === "string" ? { url: given } : given;
  const { url = "redis://127.0.0.1:6379", prefix = "errand", tls, timeout = 2000, hold = 30_000, log } = options;
  const address = redisAddress(url, tls);
  check("prefix", prefix, /^[^{}]+$/.test(prefix), "a text without braces");
  check("timeout", timeout, timeout > 0 && Number.isFinite(timeout), "a number of ms above 0");
  check("hold", hold, hold >= 100 && Number.isSafeInteger(hold), "a whole number of ms, of 100 or more");
  const link = new Link(address, { connectTimeout: timeout, silence: timeout });
  const queues = new Queues(link, prefix);
  const consumers = new Set<JobConsumer>();
  const report = (error: unknown, message: string) => log?.warn({ error, broker: "bullmq" }, message);
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    await Promise.all([...consumers].map((consumer) => consumer.close()));
    // A queue that has never met its Redis would wait for it.
    await Promise.race([queues.close(), rest(timeout, undefined, { ref: false })]);
    await link.close();
  };

  return {
    name: "bullmq",
    features: new Set(["durable", "delay", "priority"]),
    async dispatch(deliveries) {
      if (deliveries.length === 0) return;
      await link.ready();
      const now = Date.now();
      const queued = [...Map.groupBy(deliveries, ({ queue }) => queue)].map(async ([name, of]) => {
        const queue = queues.open(name);
        const batches = Array.from({ length: Math.ceil(of.length / BATCH) }, (_, index) => of.slice(index * BATCH, (index + 1) * BATCH));
        await Promise.all([queues.makeKnown(name), ...batches.map((batch) => queue.addBulk(batch.map((delivery) => jobOf(delivery, now))))]);
      });
      await Promise.all(queued);
    },
    async consume(handle, consumeOptions): Promise<Consumer> {
      if (closing) return { stop: () => Promise.resolve() };
      const consumer = new JobConsumer({ address, timeout, hold, queues, handle, options: consumeOptions, report });
      consumers.add(consumer);
      consumer.begin();
      return {
        async stop() {
          await consumer.stop();
          consumers.delete(consumer);
        },
      };
    },
    async withdraw(delivery) {
      const client = await link.ready();
      const queue = queues.open(delivery.queue);
      // BullMQ calls a job that was never there removed, too.
      const isThere = (await client.exists(queue.toKey(jobId(delivery)))) === 1;
      return isThere && (await queue.remove(jobId(delivery))) === 1;
    },
    async missing(deliveries) {
      const client = await link.ready();
      const held = await Promise.all(
        deliveries.map(async (delivery) => {
          const queue = queues.open(delivery.queue);
          const id = jobId(delivery);
          const [exists, delayedTo] = await Promise.all([client.exists(queue.toKey(id)), client.zscore(queue.toKey("delayed"), id)]);
          // BullMQ reckons by the clock of whoever delays a job: where that is wrong, one whose time has come would wait on.
          if (delayedTo !== null && delivery.runAt <= Date.now()) await promote(queue, id);
          return exists === 1;
        }),
      );
      return deliveries.filter((_, index) => !held[index]);
    },
    async ping() {
      await (await link.ready()).ping();
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Makes a delayed job wait no longer; one that somebody else has moved meanwhile stays as it is. */
async function promote(queue: Queue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  await job?.promote().catch(() => undefined);
}

/** @throws ConfigurationError naming the option and what it was */
function check(name: string, value: unknown, fits: boolean, must: string): void {
  if (!fits) throw new ConfigurationError(`The option ${name} of the BullMQ broker must be ${must}, but is ${JSON.stringify(value)}.`);
}
