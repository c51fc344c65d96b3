import prometheus, { type Registry } from "prom-client";
import type { Errand } from "../runtime/errand.ts";
import { queueMetrics } from "./queue-metrics.ts";
import { RunMetrics } from "./run-metrics.ts";

/** One reading of the store serves all scrapes for so long, ms. */
const READ_EVERY_MS = 1000;
/** A scrape waits so long for the store, ms, and then goes on without it: Prometheus itself gives up after 10 s. */
const READ_WITHIN_MS = 5000;

export interface MetricsOptions {
  /** Where the metrics are registered: prom-client's own registry by default. */
  readonly register?: Registry;
}

export interface Metrics {
  readonly register: Registry;
  /** Answers a scrape, with all that is in the registry. It asks nobody for permission: mount it where only Prometheus comes. */
  handler(request: Request): Promise<Response>;
  /** Counts no more; what was registered stays. */
  stop(): void;
}

const made = new WeakMap<object, WeakMap<Registry, Metrics>>();

/**
 * Counts what an errand does, for Prometheus. Call it in every process; called again with the same registry it returns the same. One registry
 * has room for one errand. docs/observability.md lists the metrics. Those of the process itself (memory, event loop) are prom-client's `collectDefaultMetrics`.
 */
export function metrics(errand: Pick<Errand, "observers" | "overview">, { register = prometheus.register }: MetricsOptions = {}): Metrics {
  const ofErrand = made.get(errand) ?? new WeakMap<Registry, Metrics>();
  made.set(errand, ofErrand);
  const known = ofErrand.get(register) ?? begin(errand, register);
  ofErrand.set(register, known);
  return known;
}

function begin(errand: Pick<Errand, "observers" | "overview">, register: Registry): Metrics {
  const runs = new RunMetrics(register);
  queueMetrics(register, errand, READ_EVERY_MS, READ_WITHIN_MS);
  return {
    register,
    handler: async () => new Response(await register.metrics(), { headers: { "Content-Type": register.contentType, "Cache-Control": "no-store" } }),
    stop: errand.observers.add(runs),
  };
}
