import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { onTestFinished } from "vitest";

/** A tracer whose ended spans are kept here, in order of their ends, until the test is over. */
export function keptSpans() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(async () => {
    context.disable();
    await provider.shutdown();
  });
  return {
    tracer: provider.getTracer("test"),
    spans: () => exporter.getFinishedSpans(),
    named: (name: string) => spansNamed(exporter.getFinishedSpans(), name),
  };
}

function spansNamed(spans: readonly ReadableSpan[], name: string): ReadableSpan[] {
  return spans.filter((span) => span.name === name);
}

export function idsOf(span: ReadableSpan | undefined): { trace: string | undefined; span: string | undefined } {
  const found = span?.spanContext();
  return { trace: found?.traceId, span: found?.spanId };
}
