import type { ConnectionOptions } from "node:tls";
import { ConfigurationError } from "../../core/errors.ts";

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, and how to get in. */
export interface RedisAddress {
  /** One, or those of a cluster that are asked for the others. */
  readonly nodes: readonly RedisNode[];
  readonly cluster: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Number of the database; a cluster has only 0. */
  readonly db: number;
  readonly tls?: ConnectionOptions;
}

const FORM = '"redis://user:password@host:6379/0", "rediss://…" for TLS, or "redis://one:7000,two:7000?cluster=true"';

/** Reads an address of Redis. @throws ConfigurationError that names what is wrong, without the password */
export function redisAddress(url: string, tls?: ConnectionOptions): RedisAddress {
  const parts = /^(rediss?):\/\/(?:([^/?@]*)@)?([^/?@]+)\/?(\d*)(?:\?(.*))?$/.exec(url);
  if (!parts) throw wrong(url, "is not understood");
  const [, scheme, credentials = "", hosts = "", db = "", query = ""] = parts;
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => name !== "cluster");
  if (unknown !== undefined) throw wrong(url, `has an unknown parameter ${JSON.stringify(unknown)}`);
  const nodes = hosts.split(",").map((host) => nodeOf(host, url));
  const cluster = parameters.has("cluster") ? parameters.get("cluster") === "true" : nodes.length > 1;
  if (nodes.length > 1 && !cluster) throw wrong(url, "names several hosts, which only a cluster has");
  if (cluster && Number(db) !== 0) throw wrong(url, `names database ${db}, but a cluster has only 0`);
  const colon = credentials.indexOf(":");
  const [username, password] = colon < 0 ? [credentials, ""] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  return {
    nodes,
    cluster,
    db: Number(db),
    ...(username !== "" && { username: decoded(username, url) }),
    ...(password !== "" && { password: decoded(password, url) }),
    ...((scheme === "rediss" || tls) && { tls: tls ?? {} }),
  };
}

/** The address for messages: hosts and ports only. */
export function shown({ nodes }: RedisAddress): string {
  return nodes.map(({ host, port }) => `${host}:${port}`).join(", ");
}

function nodeOf(host: string, url: string): RedisNode {
  const address = `redis://${host}`;
  if (!URL.canParse(address)) throw wrong(url, "names a host or port that cannot be");
  const { hostname, port } = new URL(address);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 6379) };
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(url, "has a user or password whose % signs are not escaped as %25");
  }
}

function wrong(url: string, what: string): ConfigurationError {
  const safe = url.replace(/\/\/.*@/, "//…@");
  return new ConfigurationError(`The broker address ${JSON.stringify(safe)} ${what}. It must be like ${FORM}.`);
}
