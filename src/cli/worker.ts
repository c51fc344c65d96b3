import { type Duration, milliseconds } from "../core/duration.ts";
import { print, readArguments } from "./command.ts";
import { loadErrand } from "./load-errand.ts";
import { UsageError } from "./usage-error.ts";

/** `errand worker <module>`: takes runs until SIGTERM or SIGINT, then lets them end within the grace and hands the rest back. */
export async function worker(args: readonly string[]): Promise<void> {
  const { module, json, concurrency, queues, grace } = read(args);
  const errand = await loadErrand(module);
  if (errand.inline)
    throw new UsageError(
      'The broker is "none": runs are performed by the process that starts them. Set ERRAND_BROKER_URL=database, or the errand\'s `broker`.',
    );
  const stopped = signalReceived();
  try {
    await errand.work({ concurrency, queues });
  } catch (error) {
    await errand.close();
    throw error;
  }
  const from = queues.length > 0 ? ` from ${queues.join(", ")}` : "";
  print(
    json ? JSON.stringify({ event: "working", pid: process.pid, queues, concurrency }) : `Worker ${process.pid} takes runs${from}, ${concurrency} at once.`,
  );
  const signal = await stopped;
  print(json ? JSON.stringify({ event: "stopping", signal }) : `${signal}: finishing what is under way.`);
  await errand.close({ grace });
}

function read(args: readonly string[]) {
  const { values, positionals } = readArguments(args, {
    concurrency: { type: "string", default: "10" },
    queues: { type: "string", default: "" },
    grace: { type: "string", default: "10s" },
  });
  const { concurrency: count, queues, grace } = values as Record<"concurrency" | "queues" | "grace", string>;
  const concurrency = Number(count);
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new UsageError(`--concurrency must be a whole number of 1 or more, but is ${count}.`);
  try {
    return {
      module: positionals[0],
      json: values.json === true,
      concurrency,
      queues: queues.split(",").filter(Boolean),
      grace: milliseconds("--grace", grace as Duration),
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Holds the process alive until it is told to stop. */
function signalReceived(): Promise<string> {
  return new Promise((received) => {
    const alive = setInterval(() => {}, 2 ** 31 - 1);
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        received(signal);
      });
    }
  });
}
