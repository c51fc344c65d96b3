import { type Tracer, trace as traces } from "@opentelemetry/api";
import type { Errand } from "../runtime/errand.ts";
import { RunTracing } from "./run-tracing.ts";

export interface TraceOptions {
  /** By default the tracer "errand" of the provider that the app's OpenTelemetry SDK has registered. */
  readonly tracer?: Tracer;
  /** A span for each web request that showed a run. On by default; off where pages poll so often that they drown the rest. */
  readonly requests?: boolean;
}

/**
 * Traces what an errand does in this process: the delay of a run, its attempts (in whatever process they are) and the requests that show it
 * are spans of one trace. Call it in every process, once the app's SDK is set up. Returns the way to stop.
 *
 * @throws ConfigurationError when the errand is traced already
 */
export function trace(errand: Pick<Errand, "observers">, { tracer = traces.getTracer("errand"), requests = true }: TraceOptions = {}): () => void {
  return errand.observers.trace(new RunTracing(tracer, requests));
}
