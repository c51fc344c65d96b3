import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Broker } from "../core/broker.ts";
import { ConfigurationError } from "../core/errors.ts";
import type { Storage } from "../core/storage.ts";
import type { Store } from "../core/store.ts";
import type { Log } from "../core/task.ts";

// The only place of the runtime that names concrete drivers. They are loaded when they are asked for, so what an app does not use need not be installed.

/** The store that `database` names. @throws ConfigurationError for an address that nothing here understands */
export async function resolveStore(database: string | Store): Promise<Store> {
  if (typeof database !== "string") return database;
  if (isPostgres(database)) {
    const { postgres } = await installed("pg", () => import("../stores/postgres.ts"));
    return postgres(database);
  }
  const file = sqliteFile(database);
  if (file === undefined)
    throw new ConfigurationError(
      `The database address ${JSON.stringify(withoutPassword(database))} is not known. Use "file:./errand.sqlite", ":memory:", "postgres://user@host/database" or a store driver.`,
    );
  const { sqlite } = await import("../stores/sqlite.ts");
  return sqlite(file);
}

export async function resolveBroker(broker: string | Broker, store: Store, log: Log): Promise<Broker> {
  if (typeof broker !== "string") return broker;
  if (isNone(broker)) return (await import("../brokers/in-process.ts")).inProcess();
  if (broker === "database") return (await import("../brokers/database.ts")).database({ store });
  if (isPostgres(broker)) {
    checkReach(broker, store);
    const { graphileWorker } = await installed("graphile-worker pg", () => import("../brokers/graphile-worker.ts"));
    return graphileWorker({ url: broker, log });
  }
  if (/^rediss?:/i.test(broker)) {
    checkReach(broker, store);
    const { bullmq } = await installed("bullmq ioredis", () => import("../brokers/bullmq.ts"));
    return bullmq({ url: broker, log });
  }
  throw new ConfigurationError(
    `The broker ${JSON.stringify(withoutPassword(broker))} is not known. Use "none", "database", "postgres://…" (graphile-worker), "redis://…" (BullMQ) or a broker driver.`,
  );
}

/** Workers on other machines would be told of runs that they cannot read. @throws ConfigurationError */
function checkReach(broker: string, store: Store): void {
  if (store.name !== "sqlite") return;
  const host = URL.canParse(broker) ? new URL(broker).hostname : withoutPassword(broker);
  if (["", "localhost", "127.0.0.1", "[::1]", "::1"].includes(host)) return;
  throw new ConfigurationError(
    `The broker at ${host} carries runs to other machines, but they are kept in an SQLite file on this one, which workers there cannot read. Use a PostgreSQL database (ERRAND_DATABASE_URL=postgres://…), or a broker on this machine.`,
  );
}

function isPostgres(address: string): boolean {
  return /^postgres(ql)?:/i.test(address);
}

/** The storage that `storage` names; without one, a folder beside the database file, or in the working directory where the database is no file. */
export async function resolveStorage(storage: string | Storage | undefined, database: string | Store): Promise<Storage> {
  if (typeof storage === "object") return storage;
  const { fileSystem } = await import("../storages/file-system.ts");
  if (storage === undefined) return fileSystem(defaultFolder(database));
  if (storage.startsWith("file:")) return fileSystem(pathOf(storage));
  if (storage.startsWith("s3:")) return s3At(storage);
  throw new ConfigurationError(
    `The storage address ${JSON.stringify(withoutPassword(storage))} is not known. Use "file:./folder", "s3://bucket/prefix?region=…" or a storage driver.`,
  );
}

/** "s3://bucket/prefix?region=…&endpoint=…&pathStyle=…"; the credentials come from the environment, never from an address that lands in logs. */
async function s3At(address: string): Promise<Storage> {
  const { hostname: bucket, pathname, searchParams, username } = URL.canParse(address) ? new URL(address) : new URL("s3:");
  const unknown = [...searchParams.keys()].find((name) => !["region", "endpoint", "pathStyle"].includes(name));
  if (bucket === "" || username !== "" || unknown !== undefined)
    throw new ConfigurationError(
      `The storage address ${JSON.stringify(withoutPassword(address))} must be like "s3://bucket/prefix?region=…&endpoint=…&pathStyle=true", without a user: credentials are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    );
  const { s3 } = await installed("@aws-sdk/client-s3 @aws-sdk/lib-storage", () => import("../storages/s3.ts"));
  const [region, endpoint, pathStyle] = ["region", "endpoint", "pathStyle"].map((name) => searchParams.get(name) ?? undefined);
  return s3({
    bucket,
    prefix: decodeURIComponent(pathname).replace(/^\/+|\/+$/g, ""),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(pathStyle !== undefined && { pathStyle: pathStyle === "true" }),
  });
}

/** @throws ConfigurationError naming the packages to install */
async function installed<Module>(packages: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new ConfigurationError(`This address needs packages that are not installed: npm install ${packages}`, { cause });
  }
}

export function isNone(broker: string): boolean {
  return broker === "" || broker === "none";
}

function sqliteFile(database: string): string | undefined {
  if (database === ":memory:") return database;
  if (database.startsWith("file:")) return pathOf(database);
  return /^[a-z][a-z\d+.-]+:/i.test(database) || database === "" ? undefined : database;
}

function pathOf(address: string): string {
  return address.startsWith("file://") ? fileURLToPath(address) : decodeURIComponent(address.slice("file:".length));
}

function defaultFolder(database: string | Store): string {
  const file = typeof database === "string" ? sqliteFile(database) : fileOf(database);
  if (file === ":memory:") return join(tmpdir(), `errand-files-${process.pid}`);
  return file === undefined ? resolve("errand-files") : `${file}-files`;
}

function fileOf({ name, address }: Store): string | undefined {
  const { file } = (address?.options ?? {}) as { readonly file?: string };
  return file ?? (name === "sqlite" && !address ? ":memory:" : undefined);
}

function withoutPassword(address: string): string {
  return address.replace(/:\/\/[^@/]*@/, "://…@");
}
