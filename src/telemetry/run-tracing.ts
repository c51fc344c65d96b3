import { type Attributes, type Context, context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { ErrandError } from "../core/errors.ts";
import type { AttemptEnd, Showing, TracedRun, Tracing } from "../core/observer.ts";
import type { Run } from "../core/run.ts";
import { spanOf, traceText } from "./trace-text.ts";

/** Of so many runs it is remembered which trace they are a part of: those that are polled are few and soon forgotten. */
const REMEMBERED = 10_000;

/**
 * The spans of runs: `delay <task>`, below it an attempt's `run <task>`, and what requests saw of it. They bear ids, names and states, and
 * nothing that people have entered: no input, no owner, no message of an error.
 */
export class RunTracing implements Tracing {
  readonly #tracer: Tracer;
  readonly #showings: boolean;
  readonly #traces = new Map<string, Promise<string | null>>();

  constructor(tracer: Tracer, showings: boolean) {
    this.#tracer = tracer;
    this.#showings = showings;
  }

  async delaying<Result>(run: TracedRun, write: (trace: string | null) => Promise<Result>): Promise<Result> {
    const around = context.active();
    const span = this.#tracer.startSpan(`delay ${run.task}`, { kind: SpanKind.PRODUCER, attributes: attributesOf(run, "delay", "send") }, around);
    try {
      const written = await context.with(trace.setSpan(around, span), () => write(traceText(span.spanContext())));
      if (written === null) span.setAttribute("errand.begun", false); // Another one has its key.
      return written;
    } catch (error) {
      broke(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  async performing(run: Run, text: string | null, perform: () => Promise<AttemptEnd>): Promise<AttemptEnd> {
    // Of its own trace alone: whatever this process did when the delivery came has nothing to do with it.
    const around = below(text) ?? ROOT_CONTEXT;
    const attributes = { ...attributesOf(run, "run", "process"), "errand.attempt": run.attempt };
    const span = this.#tracer.startSpan(`run ${run.task}`, { kind: SpanKind.CONSUMER, attributes }, around);
    try {
      const end = await context.with(trace.setSpan(around, span), perform);
      describeEnd(span, end);
      return end;
    } catch (error) {
      broke(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** A request has a trace of its own, often its server's: its span in the run's trace points there. */
  shown(run: Run, { kind, began, status }: Showing, read: () => Promise<string | null>): void {
    if (!this.#showings) return;
    const endTime = performance.timeOrigin + performance.now();
    const request = trace.getSpanContext(context.active());
    this.#traceOf(run.id, read)
      .then((text) => {
        const around = below(text);
        if (!around) return;
        const attributes = { "errand.run.id": run.id, "errand.task": run.task, "errand.state": run.state, "http.response.status_code": status };
        const links = request ? [{ context: request }] : [];
        this.#tracer.startSpan(`${kind} ${run.task}`, { attributes, links, startTime: performance.timeOrigin + began }, around).end(endTime);
      })
      .catch(() => this.#traces.delete(run.id)); // The store is away, or was closed: the next request asks again.
  }

  fields(): Readonly<Record<string, string>> | undefined {
    const span = trace.getSpanContext(context.active());
    return span && trace.isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : undefined;
  }

  #traceOf(id: string, read: () => Promise<string | null>): Promise<string | null> {
    const known = this.#traces.get(id) ?? read();
    this.#traces.delete(id);
    this.#traces.set(id, known);
    if (this.#traces.size > REMEMBERED) this.#traces.delete(this.#traces.keys().next().value as string);
    return known;
  }
}

/** The context below the span that a run keeps. */
function below(text: string | null): Context | undefined {
  const parent = spanOf(text);
  return parent && trace.setSpanContext(ROOT_CONTEXT, parent);
}

/** In the words of OpenTelemetry's conventions for messaging. */
function attributesOf({ id, task, queue }: TracedRun, operation: string, type: "send" | "process"): Attributes {
  return {
    "messaging.system": "errand",
    "messaging.operation.name": operation,
    "messaging.operation.type": type,
    "messaging.destination.name": queue,
    "messaging.message.id": id,
    "errand.run.id": id,
    "errand.task": task,
  };
}

function describeEnd(span: Span, { outcome, run, error }: AttemptEnd): void {
  span.setAttribute("errand.outcome", outcome);
  span.setAttribute("errand.state", run?.state ?? "lost");
  if (error?.support !== undefined) span.setAttribute("errand.support", error.support);
  if (outcome === "returned" || outcome === "released" || run?.state === "canceled") return;
  span.setAttribute("error.type", error ? (error.type ?? error.code) : outcome);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function broke(span: Span, error: unknown): void {
  span.setAttribute("error.type", error instanceof ErrandError ? error.code : error instanceof Error ? error.name : "unknown");
  span.setStatus({ code: SpanStatusCode.ERROR });
}
