import { join } from "node:path";
import { onFreePort } from "./on-free-port.ts";
import { type PrivateServer, startPrivate } from "./private-server.ts";
import { postgresFolder } from "./programs.ts";

export interface PostgresOptions {
  /** Where it listens on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Laid over the defaults, as in postgresql.conf: `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // Every test file has databases of its own, and each of its processes a pool.
  max_connections: "300",
  // In its own folder, so that nothing is left in /dev/shm by one that was killed.
  dynamic_shared_memory_type: "mmap",
};

/**
 * A private PostgreSQL in a temporary folder, whose user `postgres` needs no password on 127.0.0.1. `url` names its database `postgres`.
 * @throws Error when none is installed, or it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PrivateServer> {
  const folder = postgresFolder();
  if (folder === undefined) throw new Error("There is no PostgreSQL 15 or newer to start: install it, or set POSTGRES_BIN to the folder of its programs.");
  const set = Object.entries({ ...settings, ...options.settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return onFreePort(options.port, (port) =>
    startPrivate(
      { url: `postgres://postgres@127.0.0.1:${port}/postgres`, port },
      {
        name: "postgres",
        prepare: [
          [join(folder, "initdb"), "-D", "data", "-U", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions"],
        ],
        command: join(folder, "postgres"),
        args: ["-D", "data", "-p", String(port), ...set],
        ready: "database system is ready to accept connections",
        again: ["pre-existing shared memory block"],
        stop: "SIGINT", // "Fast": it does not wait for those who are connected.
      },
    ),
  );
}
