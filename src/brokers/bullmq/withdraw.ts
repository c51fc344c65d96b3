import type { Cluster, Redis } from "ioredis";
import type { Delivery } from "../../core/broker.ts";
import { deliveryId } from "./job.ts";
import type { Queues } from "./queues.ts";

/** Takes a delivery out of a bundle that no worker holds. Keys: the job, its lock, where the bundles are told. Returns how many are left, -1 when it was not there. */
const TAKE_OUT = `
local data = redis.call("HGET", KEYS[1], "data")
if not data or redis.call("EXISTS", KEYS[2]) == 1 then return -1 end
local bundle = cjson.decode(data)
local kept = {}
for _, each in ipairs(bundle.deliveries) do
  if each.runId ~= ARGV[2] or each.attempt ~= tonumber(ARGV[3]) then kept[#kept + 1] = each end
end
if #kept == #bundle.deliveries then return -1 end
bundle.deliveries = kept
redis.call("HSET", KEYS[1], "data", cjson.encode(bundle))
redis.call("HDEL", KEYS[3], ARGV[1])
return #kept`;

/** Takes a delivery back that no worker has taken, with a job of its own or in a bundle. True when it was found. */
export async function withdraw(client: Redis | Cluster, queues: Queues, delivery: Delivery): Promise<boolean> {
  const queue = queues.open(delivery.queue);
  const id = deliveryId(delivery);
  // BullMQ calls a job that was never there removed, too.
  if ((await client.exists(queue.toKey(id))) === 1 && (await queue.remove(id)) === 1) return true;
  const bundle = await client.hget(queues.bundled, id);
  if (bundle === null) return false;
  const keys = [queue.toKey(bundle), `${queue.toKey(bundle)}:lock`, queues.bundled];
  const left = Number(await client.eval(TAKE_OUT, keys.length, ...keys, id, delivery.runId, delivery.attempt));
  if (left === 0) await queue.remove(bundle);
  return left >= 0;
}
