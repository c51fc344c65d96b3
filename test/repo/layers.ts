import { posix } from "node:path";
import { type Import, importsOf, reexportsOnly } from "./imports.ts";

type Layer =
  | "adapters"
  | "brokers"
  | "browser"
  | "cli"
  | "client"
  | "core"
  | "index.ts"
  | "notifiers"
  | "react"
  | "runtime"
  | "storages"
  | "stores"
  | "telemetry"
  | "testing"
  | "web";

interface Rule {
  /** Layers it may import from, besides itself. */
  readonly from: readonly Layer[];
  readonly node: boolean;
  /** Npm packages it may import, with why. `type` ones are gone after compilation. */
  readonly packages: Readonly<Record<string, { readonly why: string; readonly only?: "type" | "dynamic" }>>;
}

/** The arrows of DESIGN's "Layers". Whatever is not here is an error. */
const rules: Readonly<Record<Layer, Rule>> = {
  core: { from: [], node: false, packages: { "@standard-schema/spec": { why: "any schema library's types", only: "type" } } },
  runtime: {
    from: ["core"],
    node: true,
    packages: {
      "@standard-schema/spec": { why: "any schema library's types", only: "type" },
      "hono/utils/mime": { why: "the table of media types by file ending" },
      uuid: { why: "UUIDv7 with a monotonic counter" },
    },
  },
  brokers: {
    from: ["core"],
    node: true,
    packages: {
      bullmq: { why: "the layout of its jobs in Redis, and its upkeep of them" },
      "graphile-worker": { why: "jobs in PostgreSQL, and the workers that take them" },
      ioredis: { why: "connections to Redis, for BullMQ" },
      pg: { why: "connections for graphile-worker" },
    },
  },
  stores: { from: ["core"], node: true, packages: { kysely: { why: "one SQL text for every database" }, pg: { why: "connections to PostgreSQL" } } },
  notifiers: {
    from: ["core"],
    node: true,
    packages: {
      nodemailer: { why: "mails, and the protocol by which they are handed in" },
      "web-push": { why: "the encryption and the signatures that push services ask for" },
    },
  },
  storages: {
    from: ["core"],
    node: true,
    packages: {
      "@aws-sdk/client-s3": { why: "Amazon S3 and services that speak as it does" },
      "@aws-sdk/lib-storage": { why: "uploads of unknown length, in parts" },
      uuid: { why: "names that sort by when they were made" },
    },
  },
  web: {
    from: ["core", "runtime"],
    node: true,
    packages: {
      "@fastify/busboy": { why: "multipart forms as streams" },
      hono: { why: "routes" },
      "hono/jsx": { why: "pages" },
      "hono/html": { why: "pages" },
      "hono/utils/accept": { why: "the preferences of an Accept header" },
      zod: { why: "the REST API's schemas, which check queries and make openapi.json" },
    },
  },
  adapters: {
    from: ["core", "web"],
    node: true,
    packages: {
      "@hono/node-server": { why: "node:http requests as standard ones" },
      express: { why: "the app has it, or does not need this adapter", only: "type" },
      fastify: { why: "as for express", only: "type" },
      koa: { why: "as for express", only: "type" },
      hono: { why: "the app's own context", only: "type" },
    },
  },
  telemetry: {
    from: ["core", "runtime"],
    node: true,
    packages: {
      "@opentelemetry/api": { why: "the app's OpenTelemetry SDK listens behind it" },
      "prom-client": { why: "the metrics that Prometheus asks for" },
    },
  },
  cli: { from: ["adapters", "brokers", "core", "index.ts", "runtime", "storages", "stores", "telemetry", "web"], node: true, packages: {} },
  testing: { from: ["core", "runtime"], node: true, packages: { uuid: { why: "ids of fixtures" } } },
  browser: { from: ["client"], node: false, packages: {} },
  client: { from: [], node: false, packages: {} },
  react: { from: ["client"], node: false, packages: { react: { why: "the app has it, for errand/react alone" } } },
  "index.ts": { from: ["core", "runtime"], node: false, packages: {} },
};

/** Arrows that the table would forbid, file by file. */
const exceptions: readonly { readonly file: string; readonly target: RegExp; readonly kind: Import["kind"]; readonly why: string }[] = [
  { file: "runtime/resolve-drivers.ts", target: /^(brokers|stores|storages)\//, kind: "dynamic", why: "turns an address into a driver, loading only that one" },
  { file: "client/create-client.ts", target: /^core\/errors\.ts$/, kind: "value", why: "errors that an app can tell apart, the same as on the server" },
  { file: "client/index.ts", target: /^core\/errors\.ts$/, kind: "value", why: "as above" },
  { file: "client/requests.ts", target: /^core\/errors\.ts$/, kind: "value", why: "as above" },
  { file: "client/watch-run.ts", target: /^core\/errors\.ts$/, kind: "value", why: "as above" },
  {
    file: "testing/inline/inline-errand.ts",
    target: /^(brokers\/in-process|storages\/file-system|stores\/sqlite)\.ts$/,
    kind: "value",
    why: "an errand for tests, on the drivers that need nothing",
  },
  { file: "web/routes/static-files.ts", target: /^\.\.\/dist\/browser\//, kind: "url", why: "serves the bundle that the build makes" },
];

/** Rooms within a layer, and what of it they may not see. What all databases share knows none of them, and none knows another. */
const rooms: readonly { readonly room: string; readonly hidden: RegExp }[] = [
  { room: "stores/sql/", hidden: /^stores\/(postgres|sqlite)[/.]/ },
  { room: "stores/postgres/", hidden: /^stores\/sqlite[/.]/ },
  { room: "stores/sqlite/", hidden: /^stores\/postgres[/.]/ },
];

/** Files that may import what is known only while the program runs. */
const computedImports: Readonly<Record<string, string>> = {
  "runtime/attempts/heartbeat-thread.ts": "the store says which module opens it in another thread",
  "client/shared-stream.ts": "the script of the Errand that answers, whose address the app gives",
  "cli/load-errand.ts": "the app's own module, named on the command line",
};

/** What is wrong with the imports of one file. `file` is its path under src/, with slashes. */
export function layerFaults(file: string, text: string): string[] {
  const layer = layerOf(file);
  if (!layer) return [`src/${file} lies in no layer`];
  const faults = importsOf(file, text).flatMap((found) => {
    const why = whyForbidden(file, layer, found);
    return why === undefined ? [] : [`src/${file} imports ${found.source ?? "a computed module"} (${found.kind}): ${why}`];
  });
  if (layer === "index.ts" && !reexportsOnly(file, text)) faults.push(`src/${file} does more than re-export`);
  return faults;
}

function whyForbidden(file: string, layer: Layer, { source, kind }: Import): string | undefined {
  if (source === null) return file in computedImports ? undefined : "a computed import hides where the arrow goes";
  if (/^\.{1,2}\//.test(source)) return whyForbiddenFile(file, layer, source, kind);
  if (source.startsWith("node:")) return rules[layer].node ? undefined : `${layer} is pure`;
  const allowed = rules[layer].packages[source];
  if (!allowed) return `${layer} may not use this package`;
  return allowed.only && allowed.only !== kind ? `${layer} may import it as ${allowed.only} only` : undefined;
}

function whyForbiddenFile(file: string, layer: Layer, source: string, kind: Import["kind"]): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(file), source));
  if (exceptions.some((exception) => exception.file === file && exception.kind === kind && exception.target.test(target))) return undefined;
  // Where a thread's module is named, its compiled twin stands beside it.
  if (!/\.tsx?$/.test(target) && kind !== "url") return "relative imports end in .ts or .tsx";
  if ((layer === "browser" || layer === "client") && target === "core/wire.ts" && kind === "type") return undefined;
  const closed = rooms.find(({ room, hidden }) => file.startsWith(room) && hidden.test(target));
  if (closed) return `${closed.room} may not see ${target}`;
  const to = layerOf(target);
  if (to === layer || (to && rules[layer].from.includes(to))) return undefined;
  return `${layer} may not see ${to ?? target}`;
}

function layerOf(path: string): Layer | undefined {
  const first = path.split("/")[0] as string;
  return first in rules ? (first as Layer) : undefined;
}
