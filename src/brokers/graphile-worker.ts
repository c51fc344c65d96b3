import { Logger } from "graphile-worker";
import type { Pool } from "pg";
import type { Broker, Consumer } from "../core/broker.ts";
import { ConfigurationError } from "../core/errors.ts";
import type { Log } from "../core/task.ts";
import type { TransactionExecutor } from "../core/transaction.ts";
import { Connections, type Query } from "./graphile/connections.ts";
import { GraphileConsumer } from "./graphile/consumer.ts";
import { databaseOf } from "./graphile/database-of.ts";
import { Jobs } from "./graphile/jobs.ts";

/** Where graphile-worker keeps its jobs, unless it is told otherwise. */
const SCHEMA = "graphile_worker";
const HOLD_MS = 30_000;

export interface GraphileWorkerOptions {
  /** "postgres://user@host/database". */
  readonly url?: string;
  /** The app's own pool, instead of `url`. It is not ended, and needs a connection to listen on for each consumer. */
  readonly pool?: Pool;
  /** The schema of the jobs; graphile-worker makes it at first use. "graphile_worker" by default. */
  readonly schema?: string;
  /** After how many ms a delivery is given to another worker when the one that took it was not heard of; 30,000 by default. */
  readonly hold?: number;
  /** Hears of lost connections. Nothing is logged without it. */
  readonly log?: Pick<Log, "warn">;
}

/**
 * Deliveries as jobs of graphile-worker, in PostgreSQL. With `transaction`, they are written in the caller's own transaction: they stand or
 * fall with it, and workers hear of them at its commit.
 *
 * @throws ConfigurationError unless there is either a `url` or a `pool`, or when `hold` is out of range
 */
export function graphileWorker(options: string | GraphileWorkerOptions): Broker {
  const { url, pool, schema = SCHEMA, hold = HOLD_MS, log = silent } = typeof options === "string" ? { url: options } : options;
  if ((url === undefined) === (pool === undefined))
    throw new ConfigurationError(`graphileWorker needs to know where the jobs are: give it either a url ("postgres://…") or a pool of pg.`);
  if (!Number.isSafeInteger(hold) || hold < 100)
    throw new ConfigurationError(`The option hold of the graphile-worker broker must be a whole number of ms, of 100 or more, but is ${JSON.stringify(hold)}.`);
  const connections = new Connections({ ...(url !== undefined && { url }), ...(pool && { pool }) });
  const logger = new Logger(() => (level, message) => {
    if (level === "error" || level === "warning") log.warn({ broker: "graphile-worker" }, message);
  });
  const jobs = new Jobs(connections, { schema, hold, logger });
  const consumers = new Set<GraphileConsumer>();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;
  /** Where the jobs are, once somebody has asked. */
  let database: unknown;

  /** Does it on a schema that is there, and says where it failed. */
  const ask = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    if (closed) throw new Error(`The broker graphile-worker was closed, so it could not ${what}.`);
    try {
      await jobs.migrate();
      return await work();
    } catch (cause) {
      throw new Error(`graphile-worker at ${connections.place} could not ${what}: ${reasonOf(cause)}`, { cause });
    }
  };

  const consume: Required<Broker>["consume"] = async (handle, options): Promise<Consumer> => {
    const own = connections.forConsumer();
    const consumer = new GraphileConsumer({ jobs, pool: own, schema, logger, log, handle, options, closing: closing.signal });
    const stop = async () => {
      await consumer.stop();
      consumers.delete(consumer);
      await connections.end(own);
    };
    consumers.add(consumer);
    try {
      await ask("take deliveries", () => consumer.start());
    } catch (error) {
      await stop();
      throw error;
    }
    return { stop };
  };

  return {
    name: "graphile-worker",
    features: new Set(["durable", "delay", "priority", "transactional"]),
    async dispatch(deliveries, transaction) {
      if (deliveries.length === 0) return;
      await ask("take the deliveries", () => jobs.add(deliveries, transaction && queryOf(transaction)));
    },
    async joins(transaction) {
      const theirs = await databaseOf(queryOf(transaction));
      if (database !== theirs) database = await databaseOf(connections.query);
      return database === theirs;
    },
    consume,
    withdraw: (delivery) => ask("withdraw a delivery", () => jobs.remove(delivery)),
    missing: (deliveries) => ask("look for deliveries", () => jobs.missing(deliveries)),
    release: (deliveries) => ask("release deliveries", () => jobs.release(deliveries)),
    ping: () => ask("answer", () => jobs.ping()),
    close() {
      closing.abort();
      closed ??= (async () => {
        await Promise.all([...consumers].map((consumer) => consumer.stop()));
        await connections.close();
      })();
      return closed;
    },
  };
}

function queryOf(transaction: TransactionExecutor): Query {
  return async (text, values) => (await transaction.query(text, values)).rows;
}

const silent: Pick<Log, "warn"> = { warn() {} };

/** Node gives one error for all addresses of a host, without a message. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException;
  return message || code || String(cause);
}
