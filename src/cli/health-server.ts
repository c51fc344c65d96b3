import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNode } from "../adapters/node.ts";
import { ConfigurationError } from "../core/errors.ts";
import type { Errand } from "../runtime/errand.ts";
import { healthz, readyz } from "../web/routes/health.ts";
import { UsageError } from "./usage-error.ts";

export interface HealthServer {
  readonly port: number;
  close(): void;
}

/** Where to listen: "9090", on all addresses of the machine, or "127.0.0.1:9090". @throws UsageError */
export function healthAddress(text: string): { readonly host: string | undefined; readonly port: number } {
  const [, host, digits] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw new UsageError(`--health-port must be a port such as 9090 or 127.0.0.1:9090, but is ${text}.`);
  return { host: host?.replace(/^\[(.*)\]$/, "$1"), port };
}

/** Serves /healthz and /readyz of a worker, and /metrics when prom-client is installed; it holds no process alive. @throws ConfigurationError when nobody can listen there */
export async function serveHealth(errand: Errand, { host, port }: ReturnType<typeof healthAddress>): Promise<HealthServer> {
  const metrics = await optionalMetrics(errand);
  const answer = (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return healthz();
    if (pathname === "/readyz") return readyz({ errand });
    if (pathname === "/metrics" && metrics) return metrics.handler(request);
    return Promise.resolve(new Response("Not Found", { status: 404 }));
  };
  const server = createServer(toNode(answer));
  server.unref().listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const at = `${host ?? "*"}:${port}`;
    throw new ConfigurationError(`Health cannot be served at ${at} (${(cause as NodeJS.ErrnoException).code}): name another --health-port.`, { cause });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      metrics?.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function optionalMetrics(errand: Errand) {
  try {
    const { metrics } = await import("../telemetry/metrics.ts");
    return metrics(errand);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}
