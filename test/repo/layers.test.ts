import { expect, test } from "vitest";
import { filesUnder, read } from "./files.ts";
import { layerFaults } from "./layers.ts";

test("every import of src/ follows the layers", () => {
  const files = filesUnder("src", [".ts", ".tsx"]);
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap((file) => layerFaults(file, read(`src/${file}`)))).toEqual([]);
});

test.each([
  ["core reaching up", "core/run.ts", 'import { bus } from "../runtime/bus.ts";', "core may not see runtime"],
  ["core with a type from above", "core/run.ts", 'import type { Bus } from "../runtime/bus.ts";', "core may not see runtime"],
  ["core with an import type", "core/run.ts", 'export type Bus = import("../runtime/bus.ts").Bus;', "core may not see runtime"],
  ["core with Node", "core/run.ts", 'import { join } from "node:path";', "core is pure"],
  ["core with a package's value", "core/task.ts", 'import { schema } from "@standard-schema/spec";', "as type only"],
  ["core with another package", "core/task.ts", 'import type { Hono } from "hono";', "core may not use this package"],
  ["runtime naming a driver", "runtime/worker.ts", 'await import("../stores/sqlite.ts");', "runtime may not see stores"],
  ["the resolver naming a driver for good", "runtime/resolve-drivers.ts", 'import { sqlite } from "../stores/sqlite.ts";', "runtime may not see stores"],
  ["the resolver looking up", "runtime/resolve-drivers.ts", 'await import("../web/index.ts");', "runtime may not see web"],
  ["runtime looking up", "runtime/worker.ts", 'export * from "../web/index.ts";', "runtime may not see web"],
  ["runtime with a thread elsewhere", "runtime/attempts/heartbeat.ts", 'new URL("../../web/thread.js", import.meta.url);', "runtime may not see web"],
  ["a broker seeing a store", "brokers/database.ts", 'import { sqlite } from "../stores/sqlite.ts";', "brokers may not see stores"],
  ["a store seeing the runtime", "stores/sqlite.ts", 'import { log } from "../runtime/log.ts";', "stores may not see runtime"],
  ["what stores share seeing one database", "stores/sql/driver.ts", 'import type { PgPoolLike } from "../postgres/pool.ts";', "stores/sql/ may not see"],
  ["what stores share seeing a driver", "stores/sql/runs.ts", 'import { sqlite } from "../sqlite.ts";', "stores/sql/ may not see"],
  ["one database seeing another", "stores/sqlite/watch.ts", 'import { again } from "../postgres/retry.ts";', "stores/sqlite/ may not see"],
  ["one database seeing another's driver", "stores/postgres/watch.ts", 'import { sqlite } from "../sqlite.ts";', "stores/postgres/ may not see"],
  ["a storage seeing a broker", "storages/file-system.ts", 'export { x } from "../brokers/database.ts";', "storages may not see brokers"],
  ["web seeing a store", "web/routes/read-run.ts", 'import { sqlite } from "../../stores/sqlite.ts";', "web may not see stores"],
  ["web seeing an adapter", "web/pages/layout.tsx", 'import { toNode } from "../../adapters/node.ts"; export const x = <p />;', "web may not see adapters"],
  ["telemetry seeing the web", "telemetry/metrics.ts", 'import { errandWeb } from "../web/index.ts";', "telemetry may not see web"],
  ["the main path seeing telemetry", "runtime/observers.ts", 'await import("../telemetry/opentelemetry.ts");', "runtime may not see telemetry"],
  ["the main path needing OpenTelemetry", "runtime/observers.ts", 'import { trace } from "@opentelemetry/api";', "runtime may not use this package"],
  ["an adapter seeing the runtime", "adapters/node.ts", 'import { log } from "../runtime/log.ts";', "adapters may not see runtime"],
  ["an adapter that needs express", "adapters/express.ts", 'import express from "express";', "as type only"],
  ["the command line seeing the page's script", "cli/main.ts", 'import "../browser/asynctask.ts";', "cli may not see browser"],
  ["the page's script with a value of core", "browser/asynctask.ts", 'import { x } from "../core/wire.ts";', "browser may not see core"],
  ["the page's script with another type of core", "browser/asynctask.ts", 'import type { Run } from "../core/run.ts";', "browser may not see core"],
  ["the page's script with what is React's", "browser/asynctask.ts", 'import { useRun } from "../react/use-run.ts";', "browser may not see react"],
  ["the client with a value of core", "client/requests.ts", 'import { plainText } from "../core/messages.ts";', "client may not see core"],
  ["the client with Node", "client/requests.ts", 'import { setTimeout } from "node:timers/promises";', "client is pure"],
  ["the client with React", "client/watch-run.ts", 'import { useState } from "react";', "client may not use this package"],
  ["the client seeing the runtime", "client/run-document.ts", 'import type { Task } from "../runtime/task-api.ts";', "client may not see runtime"],
  ["the web with the client", "web/index.ts", 'import { createClient } from "../client/index.ts";', "web may not see client"],
  ["the suites naming a driver", "testing/test-store.ts", 'import { sqlite } from "../stores/sqlite.ts";', "testing may not see stores"],
  ["the surface doing work", "index.ts", 'export { x } from "./core/run.ts"; export const y = 1;', "does more than re-export"],
  ["the surface showing the web", "index.ts", 'export * from "./web/index.ts";', "index.ts may not see web"],
  ["a computed import", "runtime/worker.ts", "await import(name);", "hides where the arrow goes"],
  ["an import without its ending", "runtime/worker.ts", 'import { x } from "./bus";', "end in .ts"],
  ["a folder that is no layer", "misc/x.ts", "export const x = 1;", "lies in no layer"],
])("the checker refuses %s", (_, file, text, why) => {
  expect(layerFaults(file, text)).toEqual([expect.stringContaining(why)]);
});

test.each([
  ["core/task.ts", 'import type { StandardSchemaV1 } from "@standard-schema/spec"; import { x } from "./run.ts";'],
  ["core/task.ts", 'import { type StandardSchemaV1 } from "@standard-schema/spec";'],
  ["runtime/resolve-drivers.ts", 'await import("../brokers/database.ts");'],
  ["runtime/attempts/heartbeat.ts", 'new URL(dev ? "./thread.ts" : "./thread.js", import.meta.url); new URL(request.url); new URL(href, location.href);'],
  ["runtime/attempts/heartbeat-thread.ts", "await import(module);"],
  ["browser/asynctask.ts", 'import type { PretixBody } from "../core/wire.ts"; import { dialog } from "./dialog.ts";'],
  ["browser/live/live-runs.ts", 'import { readEvents } from "../../client/read-events.ts";'],
  ["client/requests.ts", 'import { RequestError } from "../core/errors.ts"; import type { RunBody } from "../core/wire.ts";'],
  ["react/use-run.ts", 'import { useMemo } from "react"; import type { Client } from "../client/index.ts";'],
  ["web/pages/layout.tsx", 'import type { Child } from "hono/jsx"; export const Layout = ({ children }: { children: Child }) => <main>{children}</main>;'],
  ["index.ts", 'export { createErrand } from "./runtime/create-errand.ts"; export type * from "./core/run.ts";'],
])("the checker lets %s import what it may: %s", (file, text) => {
  expect(layerFaults(file, text)).toEqual([]);
});
