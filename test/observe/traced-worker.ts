// An app's module that traces: each ended span becomes a line of JSON on its output.
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, type ReadableSpan, SimpleSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { createErrand } from "../../src/index.ts";
import { trace } from "../../src/telemetry/opentelemetry.ts";

const exporter: SpanExporter = {
  export(spans, done) {
    for (const span of spans) process.stdout.write(`${JSON.stringify(lineOf(span))}\n`);
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};

function lineOf(span: ReadableSpan) {
  const { traceId, spanId } = span.spanContext();
  return { span: span.name, traceId, spanId, parent: span.parentSpanContext?.spanId };
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("worker");

export const errand = createErrand();
trace(errand, { tracer });

errand.task({
  name: "export",
  run: async () => {
    tracer.startActiveSpan("read the courses", (span) => span.end());
    return null;
  },
});
