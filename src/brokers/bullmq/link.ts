import { once } from "node:events";
import { setTimeout as rest } from "node:timers/promises";
import { Cluster, Redis } from "ioredis";
import { type RedisAddress, shown } from "./address.ts";
import { TlsConnector } from "./tls-connector.ts";

/** Longest rest between two attempts to reach Redis, ms. */
const LONGEST_REST_MS = 500;

export interface LinkOptions {
  /** How long a connect may take, ms. */
  readonly connectTimeout: number;
  /** How long Redis may be silent while it owes an answer, ms: the connection is given up then, and made anew. */
  readonly silence: number;
  /** A key on the node of a cluster that is talked to. */
  readonly home: string;
}

/**
 * One connection to Redis, or to a cluster, opened at first use and mended by itself. While it is broken, nothing is kept for later:
 * whoever asks is told at once.
 */
export class Link {
  readonly #address: RedisAddress;
  readonly #options: LinkOptions;
  #client: Redis | Cluster | undefined;
  #connecting: Promise<Redis | Cluster> | undefined;
  /** While a cluster is connected, and not yet its node. */
  #reaching: Promise<Redis | Cluster> | undefined;
  #lastError: Error | undefined;
  #failed = false;
  #closed = false;

  constructor(address: RedisAddress, options: LinkOptions) {
    this.#address = address;
    this.#options = options;
  }

  /** The client, opened if need be, in whatever state it is. */
  get client(): Redis | Cluster {
    this.#client ??= this.#open();
    return this.#client;
  }

  /** The client, connected. @throws Error that says why it is not: at once when that is known, else after `connectTimeout` */
  ready(): Redis | Cluster | Promise<Redis | Cluster> {
    if (this.#closed) throw new Error("The broker is closed.");
    const { client } = this;
    if (client.status === "ready") return this.#reaching ?? client;
    if (this.#failed) throw this.#unreachable();
    this.#connecting ??= this.#firstConnect(client).finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Cuts the connection; whoever waits for an answer is told. Idempotent, also before first use. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    if (!client || client.status === "end") return;
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    client.disconnect();
    // One that was between two attempts to connect just stops, without saying so.
    await Promise.race([ended, rest(2 * LONGEST_REST_MS, undefined, { ref: false })]);
  }

  async #firstConnect(client: Redis | Cluster): Promise<Redis | Cluster> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), this.#options.connectTimeout);
    try {
      const { signal } = patience;
      const closed = once(client, "close", { signal }).then(() => Promise.reject(this.#unreachable()));
      await Promise.race([once(client, "ready", { signal }), closed]);
      return (await this.#reaching) ?? client;
    } catch {
      this.#failed = true;
      throw this.#unreachable();
    } finally {
      clearTimeout(timer);
      patience.abort();
    }
  }

  /** A cluster's client connects to a node with the first command for it. Others that come meanwhile it would send to any node, in any order. */
  async #reach(client: Cluster): Promise<Cluster> {
    await client.exists(this.#options.home).catch(() => undefined); // Whoever asks next is told.
    this.#reaching = undefined;
    return client;
  }

  #unreachable(): Error {
    const why = this.#closed ? "the broker was closed" : (this.#lastError?.message ?? "no answer");
    return new Error(`Redis at ${shown(this.#address)} cannot be reached (${why}). Runs are kept and dispatched once it is back.`, {
      cause: this.#lastError,
    });
  }

  #open(): Redis | Cluster {
    const client = openClient(this.#address, { ...this.#options, isPatient: false });
    client.on("error", (error: Error) => {
      this.#lastError = error;
      this.#failed = true;
    });
    client.on("close", () => {
      this.#failed = true;
    });
    client.on("ready", () => {
      this.#lastError = undefined;
      this.#failed = false;
      if (client instanceof Cluster) this.#reaching = this.#reach(client);
    });
    return client;
  }
}

export interface ClientOptions extends Partial<Omit<LinkOptions, "home">> {
  /** Commands wait until Redis is back; else they fail at once. */
  readonly isPatient: boolean;
}

/** A client that connects by itself, and again after every loss. */
export function openClient(
  { nodes, cluster, db, username, password, tls }: RedisAddress,
  { connectTimeout, silence, isPatient }: ClientOptions,
): Redis | Cluster {
  const again = (times: number) => Math.min(times * times * 10, LONGEST_REST_MS);
  const options = {
    connectTimeout: connectTimeout ?? 0,
    ...(silence !== undefined && { socketTimeout: silence }),
    autoResendUnfulfilledCommands: isPatient,
    maxRetriesPerRequest: isPatient ? null : 0,
    disconnectTimeout: LONGEST_REST_MS,
    connectionName: "errand",
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls, Connector: TlsConnector }),
  };
  if (!cluster) return new Redis({ ...options, ...nodes[0], db, enableOfflineQueue: isPatient, retryStrategy: again });
  return new Cluster([...nodes], {
    redisOptions: options,
    enableOfflineQueue: isPatient,
    clusterRetryStrategy: again,
    clusterNodeRetryStrategy: again,
    maxRedirections: 3,
    ...(connectTimeout !== undefined && { slotsRefreshTimeout: connectTimeout }),
    // A certificate names hosts, not the addresses that DNS gives for them.
    ...(tls && { dnsLookup: (host: string, done: (error: null, address: string) => void) => done(null, host) }),
  });
}
