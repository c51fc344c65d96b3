import { setTimeout as rest } from "node:timers/promises";
import type { ConnectionOptions } from "node:tls";
import type { Broker, Consumer } from "../core/broker.ts";
import { ConfigurationError } from "../core/errors.ts";
import type { Log } from "../core/task.ts";
import { redisAddress } from "./bullmq/address.ts";
import { JobConsumer } from "./bullmq/consumer.ts";
import { Link } from "./bullmq/link.ts";
import { missing } from "./bullmq/missing.ts";
import { Queues } from "./bullmq/queues.ts";
import { withdraw } from "./bullmq/withdraw.ts";

/** More would cost hardly less. */
const TOGETHER = 16;

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
  /**
   * How many deliveries may go as one job, when they come in the same moment, for the same queue, with the same priority; 16 by default, which
   * costs Redis a fraction of as many jobs. Fewer go in two, for two workers. With 1, each has a job of its own: for who looks at them one by
   * one, or limits the rate or the concurrency of a queue in BullMQ, which counts jobs.
   */
  readonly together?: number;
  /** Where it is said that Redis cannot be reached. Nothing is written without it. */
  readonly log?: Pick<Log, "warn">;
}

/**
 * Deliveries as jobs of BullMQ, one of its queues for each of Errand's: its dashboards show them, and its options of a queue hold. What comes
 * in one moment goes together, see `together`. Redis need not keep anything: what it forgets is dispatched again by the sweep. It must not
 * evict, though: `maxmemory-policy noeviction`. All queues lie on one node of a cluster, whose others may serve other installations.
 * @throws ConfigurationError for an address that cannot be understood, or an option out of range
 */
export function bullmq(given: string | BullmqOptions = {}): Broker {
  const options = typeof given === "string" ? { url: given } : given;
  const { url = "redis://127.0.0.1:6379", prefix = "errand", tls, timeout = 2000, hold = 30_000, together = TOGETHER, log } = options;
  const address = redisAddress(url, tls);
  check("prefix", prefix, /^[^{}]+$/.test(prefix), "a text without braces");
  check("timeout", timeout, timeout > 0 && Number.isFinite(timeout), "a number of ms above 0");
  check("hold", hold, hold >= 100 && Number.isSafeInteger(hold), "a whole number of ms, of 100 or more");
  check("together", together, together >= 1 && together <= 1000 && Number.isSafeInteger(together), "a whole number of 1 to 1000");
  const link = new Link(address, { connectTimeout: timeout, silence: timeout, home: `{${prefix}}` });
  const queues = new Queues(link, prefix, together);
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
      const queued = Map.groupBy(deliveries, ({ queue }) => queue);
      await Promise.all([...queued].map(([name, of]) => queues.add(name, of)));
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
      return withdraw(await link.ready(), queues, delivery);
    },
    async missing(deliveries) {
      return missing(await link.ready(), queues, deliveries);
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

/** @throws ConfigurationError naming the option and what it was */
function check(name: string, value: unknown, fits: boolean, must: string): void {
  if (!fits) throw new ConfigurationError(`The option ${name} of the BullMQ broker must be ${must}, but is ${JSON.stringify(value)}.`);
}
