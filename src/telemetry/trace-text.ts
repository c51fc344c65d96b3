import { createTraceState, isSpanContextValid, type SpanContext } from "@opentelemetry/api";

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?: (.+))?$/;
/** Longest tracestate that is kept with a run, characters: what W3C asks everybody to carry. */
const LONGEST_STATE = 512;

/** A span as a run keeps it: W3C's traceparent, and tracestate behind a space. Null for a span of no trace. */
export function traceText(span: SpanContext): string | null {
  if (!isSpanContextValid(span)) return null;
  const parent = `00-${span.traceId}-${span.spanId}-${(span.traceFlags & 0xff).toString(16).padStart(2, "0")}`;
  const state = span.traceState?.serialize() ?? "";
  return state === "" || state.length > LONGEST_STATE ? parent : `${parent} ${state}`;
}

/** The span that a run keeps; undefined when it keeps none, or nothing that can be read. */
export function spanOf(text: string | null): SpanContext | undefined {
  const [, traceId = "", spanId = "", flags = "0", state] = TRACEPARENT.exec(text ?? "") ?? [];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...(state !== undefined && { traceState: createTraceState(state) }) };
  return isSpanContextValid(span) ? span : undefined;
}
