import { parentPort, workerData } from "node:worker_threads";
import type { Store } from "../../core/store.ts";
import type { HeartbeatOrder } from "./heartbeat.ts";

// A thread of its own: it renews the process's leases however busy the tasks keep the main thread.
const { module, options, worker, lease, active } = workerData as HeartbeatOrder;
const { open } = (await import(module)) as { open(options: unknown): Store };
const store = open(options);
const underWay = new Int32Array(active);

async function beat(): Promise<void> {
  if (Atomics.load(underWay, 0) === 0) return;
  try {
    await store.renew(worker, lease);
  } catch (error) {
    parentPort?.postMessage(String(error));
  }
}

const timer = setInterval(() => void beat(), lease / 3);
parentPort?.on("message", () => {
  clearInterval(timer);
  void store.close().then(() => parentPort?.close());
});
