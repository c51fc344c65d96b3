import type { Queue } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Delivery } from "../../core/broker.ts";
import { deliveryId } from "./job.ts";
import { inBatches, type Queues } from "./queues.ts";

/** Of these deliveries, those that have neither a job of their own nor lie in a bundle that is still there. */
export async function missing(client: Redis | Cluster, queues: Queues, deliveries: readonly Delivery[]): Promise<Delivery[]> {
  if (deliveries.length === 0) return [];
  const bundles = (await Promise.all(inBatches(deliveries).map((batch) => client.hmget(queues.bundled, ...batch.map(deliveryId))))).flat();
  const now = Date.now();
  const asked = new Map<string, Asked>();
  const ask = (delivery: Delivery, id: string): string => {
    const queue = queues.open(delivery.queue);
    const key = queue.toKey(id);
    if (!asked.has(key)) asked.set(key, { queue, id, isDue: delivery.runAt <= now });
    return key;
  };
  const keys = deliveries.map((delivery, index) => [deliveryId(delivery), bundles[index]].flatMap((id) => (id ? [ask(delivery, id)] : [])));
  const there = await standing(client, asked);
  const isHeld = (index: number): boolean => keys[index]?.some((key) => there.has(key)) ?? false;
  // Of what was lost with its bundle.
  const forgotten = deliveries.filter((_, index) => !isHeld(index) && bundles[index]);
  if (forgotten.length > 0) queues.forget(forgotten);
  return deliveries.filter((_, index) => !isHeld(index));
}

interface Asked {
  readonly queue: Queue;
  readonly id: string;
  readonly isDue: boolean;
}

/** The keys of the jobs that are there. */
async function standing(client: Redis | Cluster, asked: ReadonlyMap<string, Asked>): Promise<Set<string>> {
  const there = new Set<string>();
  for (const batch of inBatches([...asked])) {
    const pipeline = client.pipeline();
    for (const [key, { queue, id }] of batch) pipeline.exists(key).zscore(queue.toKey("delayed"), id);
    const answers = (await pipeline.exec()) ?? [];
    for (const [index, [key, { queue, id, isDue }]] of batch.entries()) {
      const [error, exists] = answers[2 * index] ?? [new Error("Redis gave no answer.")];
      if (error) throw error;
      if (exists === 1) there.add(key);
      // BullMQ reckons by the clock of whoever delays a job: where that is wrong, one whose time has come would wait on.
      if (isDue && answers[2 * index + 1]?.[1] != null) await promote(queue, id);
    }
  }
  return there;
}

/** Makes a delayed job wait no longer; one that somebody else has moved meanwhile stays as it is. */
async function promote(queue: Queue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  await job?.promote().catch(() => undefined);
}
