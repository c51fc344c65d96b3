import { milliseconds } from "../core/duration.ts";
import { ConfigurationError } from "../core/errors.ts";
import { mergeCatalogues } from "../core/messages.ts";
import type { Errand, ErrandOptions, WorkerOptions } from "./errand.ts";
import { ErrandRuntime } from "./errand-runtime.ts";
import { stderrLog } from "./log.ts";
import { notifySettings } from "./notify/notify-options.ts";
import { notifyTexts } from "./notify/texts.ts";
import { isNone, resolveBroker, resolveStorage, resolveStore } from "./resolve-drivers.ts";
import { runTexts } from "./texts.ts";
import { timerSpan } from "./timer-span.ts";
import { checkConcurrency } from "./worker.ts";

const OLDEST_NODE = 24;
const LONGEST_SWEEP_MS = 5000;

/**
 * An errand: the tasks of an app and the runs that its users ask for. Nothing is opened before the first use (or `start`).
 *
 * @throws ConfigurationError or RangeError when an option, an environment variable or the version of Node will not do.
 */
export function createErrand(options: ErrandOptions = {}): Errand {
  checkNode(process.versions.node);
  const env = process.env;
  const database = options.database ?? (env.ERRAND_DATABASE_URL || "file:./errand.sqlite");
  const broker = options.broker ?? (env.ERRAND_BROKER_URL || "none");
  const storage = options.storage ?? (env.ERRAND_STORAGE_URL || undefined);
  const lease = timerSpan(Math.max(30, milliseconds("lease", options.lease ?? "15s")));
  const log = options.log ?? stderrLog;
  const inline = typeof broker === "string" ? isNone(broker) : broker.inline === true;
  return new ErrandRuntime({
    drivers: async () => {
      const store = await resolveStore(database);
      return { store, broker: await resolveBroker(broker, store, log), storage: await resolveStorage(storage, database) };
    },
    ownsStore: typeof database === "string",
    inline,
    worker: workerOptions(options.worker ?? fromEnvironment(env.ERRAND_WORKER), inline),
    lease,
    cancelGrace: milliseconds("cancelGrace", options.cancelGrace ?? "30s"),
    // In whole ms, which stores reckon in.
    sweepEvery: options.sweepEvery === undefined ? Math.min(LONGEST_SWEEP_MS, Math.ceil(lease / 3)) : milliseconds("sweepEvery", options.sweepEvery),
    keep: options.keep === false ? null : milliseconds("keep", options.keep ?? "30d"),
    requireBroker: options.requireBroker ?? false,
    secrets: secretsOf(options.secret ?? env.ERRAND_SECRET),
    notify: options.notify ? notifySettings(options.notify) : null,
    catalogue: mergeCatalogues(mergeCatalogues(runTexts, notifyTexts), options.messages),
    log,
  }) as Errand;
}

/** @throws ConfigurationError in one line when this Node is too old. */
export function checkNode(version: string): void {
  if (Number.parseInt(version, 10) < OLDEST_NODE)
    throw new ConfigurationError(`Errand needs Node ${OLDEST_NODE} or newer, for the SQLite inside it; this is Node ${version}.`);
}

/** A process that performs its own runs takes them all, whatever their queue and number. */
function workerOptions(worker: boolean | WorkerOptions, inline: boolean): WorkerOptions | false {
  if (inline && worker !== false) return {};
  if (typeof worker === "object") checkConcurrency(worker.concurrency);
  return worker === true ? {} : worker;
}

function fromEnvironment(worker: string | undefined): boolean {
  if (worker === undefined || worker === "" || worker === "on") return true;
  if (worker === "off") return false;
  throw new ConfigurationError(`ERRAND_WORKER must be "on" or "off", but is ${JSON.stringify(worker)}.`);
}

function secretsOf(secret: string | readonly string[] | undefined): readonly string[] {
  const secrets = typeof secret === "string" ? secret.split(",").map((part) => part.trim()) : (secret ?? []);
  const short = secrets.find((part) => part.length < 16);
  if (secrets.length > 0 && short !== undefined)
    throw new ConfigurationError("A signing secret must have 16 characters or more: use the output of `openssl rand -base64 32`.");
  return secrets;
}
