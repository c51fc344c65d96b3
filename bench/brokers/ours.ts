import { type Broker, createErrand, type Run } from "errand";
import type { Engine } from "./engine.ts";
import type { Addresses } from "./place.ts";

/** Errand with its runs in PostgreSQL, on that broker. */
export async function ours(place: Addresses, broker: string | Broker, concurrency: number | null): Promise<Engine> {
  const errand = createErrand({ database: place.database, broker, worker: concurrency === null ? false : { concurrency } });
  const nothing = errand.task({ name: "nothing", run: () => engine.onBegin?.() ?? null });
  const engine: Engine = {
    onBegin: undefined,
    onEnd: undefined,
    async add() {
      await nothing.delay(null);
    },
    async [Symbol.asyncDispose]() {
      await errand.close({ grace: 0 });
    },
  };
  const ended = ({ run }: { run: Run }) => {
    if (run.state !== "succeeded") throw new Error(`Run ${run.id} ended ${run.state}.`);
    engine.onEnd?.();
  };
  if (concurrency !== null) errand.on("userTaskStopped", ended);
  await errand.start();
  return engine;
}
