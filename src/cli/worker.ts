import { type Duration, milliseconds } from "../core/duration.ts";
import { print, readArguments } from "./command.ts";
import { type HealthServer, healthAddress, serveHealth } from "./health-server.ts";
import { loadErrand } from "./load-errand.ts";
import { Signals } from "./signals.ts";
import { UsageError } from "./usage-error.ts";

/**
 * `errand worker <module>`: takes runs until SIGTERM or SIGINT, then lets them end within the grace and hands the rest back; at a second signal
 * it hands back at once. It ends within the grace and a few seconds, also when the database does not answer.
 */
export async function worker(args: readonly string[]): Promise<void> {
  const { module, json, concurrency, queues, grace, health } = read(args);
  const errand = await loadErrand(module);
  if (errand.inline)
    throw new UsageError(
      'The broker is "none": runs are performed by the process that starts them. Set ERRAND_BROKER_URL=database, or the errand\'s `broker`.',
    );
  const signals = new Signals();
  let server: HealthServer | undefined;
  const tell = (event: object, words: string): void => print(json ? JSON.stringify(event) : words);
  try {
    // Before the database is opened: a worker that waits for it is alive, and not ready.
    if (health) {
      server = await serveHealth(errand, health);
      tell({ event: "serving", port: server.port }, `Health is served on port ${server.port}.`);
    }
    // A database that does not answer must not keep a worker from ending.
    const working = errand.work({ concurrency, queues }).then(() => {
      const from = queues.length > 0 ? ` from ${queues.join(", ")}` : "";
      tell({ event: "working", pid: process.pid, queues, concurrency }, `Worker ${process.pid} takes runs${from}, ${concurrency} at once.`);
      return signals.first;
    });
    const signal = await Promise.race([working, signals.first]);
    working.catch(() => undefined);
    tell({ event: "stopping", signal }, `${signal}: finishing what is under way.`);
    void signals.second.then((second) => {
      tell({ event: "handing_back", signal: second }, `${second}: handing back what is under way.`);
      void errand.close({ grace: 0 });
    });
    await errand.close({ grace });
  } catch (error) {
    await errand.close();
    throw error;
  } finally {
    signals.end();
    server?.close();
  }
}

function read(args: readonly string[]) {
  const { values, positionals } = readArguments(args, {
    concurrency: { type: "string", default: "10" },
    queues: { type: "string", default: "" },
    grace: { type: "string", default: "10s" },
    "health-port": { type: "string" },
  });
  const { concurrency: count, queues, grace } = values as Record<"concurrency" | "queues" | "grace", string>;
  const port = values["health-port"];
  const concurrency = Number(count);
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new UsageError(`--concurrency must be a whole number of 1 or more, but is ${count}.`);
  try {
    return {
      module: positionals[0],
      json: values.json === true,
      concurrency,
      queues: queues.split(",").filter(Boolean),
      grace: milliseconds("--grace", grace as Duration),
      health: typeof port === "string" ? healthAddress(port) : undefined,
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
