import { EventEmitter } from "node:events";
import { Logger, makeWorkerUtils, run, type WorkerEvents } from "graphile-worker";
import type { Engine } from "./engine.ts";
import type { Addresses } from "./place.ts";

/** graphile-worker with its defaults. */
export async function bareGraphile(place: Addresses, concurrency: number | null): Promise<Engine> {
  const logger = new Logger(() => () => {});
  const options = { connectionString: place.database, schema: "bare_worker", logger };
  const jobs = await makeWorkerUtils(options);
  await jobs.migrate();
  const engine: Engine = {
    onBegin: undefined,
    onEnd: undefined,
    async add() {
      await jobs.addJob("nothing", { runId: "01a1fdc7-08b8-7133-9bd8-2c7116de1245", attempt: 1 });
    },
    async [Symbol.asyncDispose]() {
      await runner?.stop();
      await jobs.release();
    },
  };
  const events = new EventEmitter() as WorkerEvents;
  events.on("job:success", () => engine.onEnd?.());
  const taskList = { nothing: () => engine.onBegin?.() };
  const runner = concurrency === null ? undefined : await run({ ...options, events, taskList, concurrency, noHandleSignals: true });
  return engine;
}
