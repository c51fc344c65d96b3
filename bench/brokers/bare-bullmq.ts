import { Queue, Worker } from "bullmq";
import type { Engine } from "./engine.ts";
import type { Addresses } from "./place.ts";

/** BullMQ as its documentation has it, but for the jobs that it would keep. */
export async function bareBullmq(place: Addresses, concurrency: number | null): Promise<Engine> {
  const { hostname: host, port } = new URL(place.redis);
  const options = { connection: { host, port: Number(port || 6379), maxRetriesPerRequest: null }, prefix: `{${place.prefix}}bare` };
  const queue = new Queue("bare", options);
  await queue.waitUntilReady();
  const engine: Engine = {
    onBegin: undefined,
    onEnd: undefined,
    async add() {
      await queue.add("nothing", { runId: "01a1fdc7-08b8-7133-9bd8-2c7116de1245", attempt: 1 }, { removeOnComplete: true, removeOnFail: true });
    },
    async [Symbol.asyncDispose]() {
      await worker?.close();
      await queue.close();
    },
  };
  const worker = concurrency === null ? undefined : new Worker("bare", async () => engine.onBegin?.(), { ...options, concurrency });
  worker?.on("completed", () => engine.onEnd?.());
  await worker?.waitUntilReady();
  return engine;
}
