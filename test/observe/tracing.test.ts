import { context, SpanKind, SpanStatusCode, trace as traces } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { chain, createErrand, UserError } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { trace } from "../../src/telemetry/opentelemetry.ts";
import { spanOf, traceText } from "../../src/telemetry/trace-text.ts";
import { until } from "../../src/testing/until.ts";
import { errandWeb } from "../../src/web/index.ts";
import { aborted, gate, keptLog, openErrand, untilEnded } from "../runtime/fixture.ts";
import { freshDatabase } from "../support/temp.ts";
import { served } from "./served.ts";
import { idsOf, keptSpans } from "./spans.ts";

function traced(options: Parameters<typeof openErrand>[0] = {}) {
  const kept = keptSpans();
  const errand = openErrand(options);
  trace(errand, { tracer: kept.tracer });
  return { errand, ...kept };
}

test("the app's request, the delay, the attempt and what the task does are one trace, each below the one before", async () => {
  const { errand, tracer, named } = traced();
  const task = errand.task({
    name: "export",
    queue: "exports",
    run: async () => {
      await Promise.resolve();
      tracer.startSpan("query").end();
      return null;
    },
  });
  const run = await tracer.startActiveSpan("POST /export", async (span) => {
    const handle = await task.delay(null);
    span.end();
    return handle;
  });
  const [request, delay, attempt, query] = ["POST /export", "delay export", "run export", "query"].map((name) => named(name)[0]);
  expect([delay?.parentSpanContext?.spanId, attempt?.parentSpanContext?.spanId, query?.parentSpanContext?.spanId]).toEqual(
    [request, delay, attempt].map((span) => idsOf(span).span),
  );
  expect(new Set([request, delay, attempt, query].map((span) => idsOf(span).trace)).size).toBe(1);
  expect([delay?.kind, attempt?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
  const about = { "messaging.system": "errand", "messaging.destination.name": "exports", "messaging.message.id": run.id, "errand.task": "export" };
  expect(delay?.attributes).toMatchObject({ ...about, "messaging.operation.type": "send" });
  expect(attempt?.attributes).toMatchObject({ ...about, "messaging.operation.type": "process", "errand.attempt": 1, "errand.state": "succeeded" });
  expect(attempt?.status.code).toBe(SpanStatusCode.UNSET);
});

test("attempts are siblings below the delay; their errors are named, and nothing that people entered is told", async () => {
  class CardDeclined extends UserError {}
  const { errand, spans, named } = traced();
  const task = errand.task({
    name: "pay",
    retries: { times: 1, delay: 0 },
    run: (_, { attempt }) => {
      if (attempt === 1) throw new TypeError("secret-detail of alice@example.org");
      throw new CardDeclined("secret-text for alice@example.org");
    },
  });
  const run = await task.start({ card: "secret-card" }, { owner: "secret-owner", name: "secret-name" });
  await untilEnded(errand, run.id);
  const [first, second] = await until("both are told", () => named("run pay").length === 2 && named("run pay"));
  const parent = idsOf(named("delay pay")[0]).span;
  expect([first?.parentSpanContext?.spanId, second?.parentSpanContext?.spanId]).toEqual([parent, parent]);
  expect(first).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { "errand.attempt": 1, "errand.state": "retrying", "error.type": "internal", "errand.support": expect.stringMatching(/^[\da-f]{8}$/) },
  });
  expect(second).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { "errand.attempt": 2, "errand.state": "failed", "error.type": "CardDeclined" },
  });
  const told = spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
  expect(JSON.stringify(told)).not.toContain("secret");
});

test("a canceled run is no error", async () => {
  const { errand, named } = traced();
  const begun = gate();
  const task = errand.task({
    name: "long",
    run: async (_, { signal }) => {
      begun.open();
      throw await aborted(signal);
    },
  });
  const run = await task.start(null);
  await begun.opened;
  await run.cancel();
  await run.ended();
  const [span] = await until("it is told", () => named("run long").length > 0 && named("run long"));
  expect(span).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: { "errand.state": "canceled" } });
});

test("linked runs are of the trace that began them; a rerun is of its own", async () => {
  const { errand, named } = traced();
  const add = errand.task({ name: "add", run: (n) => Number(n) + 1 });
  const run = await chain([add.with(1), add.with((n: unknown) => n)]).delay();
  const whole = idsOf(named("delay errand.chain")[0]);
  expect(named("run add").map((span) => [idsOf(span).trace, span.parentSpanContext?.spanId])).toEqual([
    [whole.trace, whole.span],
    [whole.trace, whole.span],
  ]);
  const again = await errand.rerun(run.id);
  await again?.ended();
  expect(named("delay errand.chain").map((span) => idsOf(span).trace)[1]).not.toBe(whole.trace);
});

test("a run is performed in its own trace, not in that of whoever dispatched it", async () => {
  const { errand, tracer, named } = traced();
  const seen: unknown[] = [];
  const inner = errand.task({ name: "inner", run: () => void seen.push(traces.getSpan(context.active())?.spanContext().spanId) });
  await tracer.startActiveSpan("one", async (span) => {
    await inner.delay(null);
    span.end();
  });
  const [attempt] = named("run inner");
  expect(seen).toEqual([idsOf(attempt).span]);
  expect(attempt?.parentSpanContext?.isRemote).toBe(true);
});

test("what a request sees of a run is in the run's trace, and points to the request's own", async () => {
  const { errand, tracer, named } = traced();
  const task = errand.task({ name: "shown", run: () => null });
  const run = await task.delay(null, { owner: "u1" });
  const web = errandWeb(errand, { identify: () => ({ id: "u1" }) });
  const view = web.pollingView(task, { input: () => null });
  const origin = await served((request) =>
    tracer.startActiveSpan("GET", async (span) => {
      try {
        return await (new URL(request.url).pathname === "/view" ? view : web.handler)(request);
      } finally {
        span.end();
      }
    }),
  );
  const answer = await fetch(`${origin}/errand/tasks/${run.id}/`);
  expect(answer.status).toBe(200);
  expect(JSON.stringify(await answer.json())).not.toContain(idsOf(named("delay shown")[0]).trace);
  const [span] = await until("it is told", () => named("document shown").length > 0 && named("document shown"));
  expect(idsOf(span).trace).toBe(idsOf(named("delay shown")[0]).trace);
  expect(span?.attributes).toMatchObject({ "errand.run.id": run.id, "http.response.status_code": 200 });
  expect(span?.links.map((link) => link.context.spanId)).toEqual([idsOf(named("GET")[0]).span]);
  const [request] = named("GET");
  expect(span && request && span.startTime[0] >= request.startTime[0] && span.endTime[0] <= request.endTime[0] + 1).toBe(true);
  expect((await fetch(`${origin}/view`)).status).toBe(200);
  const [poll] = await until("the poll is told", () => named("poll shown").length > 0 && named("poll shown"));
  const begun = named("delay shown").map((each) => idsOf(each).trace);
  expect(begun).toContain(idsOf(poll).trace);
});

test("a form's polls are in the trace of the run that it began", async () => {
  const { errand, named } = traced();
  const end = gate();
  const task = errand.task({ name: "form", run: async () => void (await end.opened) });
  const web = errandWeb(errand, { identify: () => ({ id: "u1" }) });
  const origin = await served(web.asyncAction({ task, wait: 0, successUrl: () => "/done", errorUrl: () => "/" }));
  const begun = await fetch(`${origin}/form?ajax=1`, { method: "POST", headers: { "sec-fetch-site": "same-origin" } });
  const { check_url: check } = (await begun.json()) as { check_url: string };
  expect((await fetch(new URL(check, origin))).status).toBe(200);
  end.open();
  const [poll] = await until("the poll is told", () => named("poll form").length > 0 && named("poll form"));
  expect(idsOf(poll).trace).toBe(idsOf(named("delay form")[0]).trace);
  expect(poll?.attributes).toMatchObject({ "errand.state": "in_progress" });
});

test("log lines within a span say of which trace they are", async () => {
  const log = keptLog();
  const { errand, named } = traced({ log });
  const task = errand.task({
    name: "speaks",
    run: (_, context) => {
      context.log.info({ page: 3 }, "Said by the task.");
      throw new Error("It broke.");
    },
  });
  const run = await task.start(null);
  await untilEnded(errand, run.id);
  await until("it is told", () => named("run speaks").length > 0);
  const { trace: trace_id, span: span_id } = idsOf(named("run speaks")[0]);
  const about = { runId: run.id, task: "speaks", attempt: 1, worker: expect.stringMatching(/^[\da-f-]{36}$/), trace_id, span_id };
  expect(log.said(/Said by the task/)[0]?.fields).toEqual({ page: 3, ...about });
  expect(log.said(/^Attempt 1 of run/)[0]?.fields).toMatchObject(about);
});

test("untraced, nothing is kept with a run, and log lines bear no ids", async () => {
  const store = sqlite(freshDatabase());
  const log = keptLog();
  const errand = openErrand({ database: store, log });
  const task = errand.task({ name: "plain", run: (_, context) => context.log.info({}, "Said.") });
  const before = await task.delay(null);
  expect(await store.trace(before.id)).toBeNull();
  expect(log.said(/Said/)[0]?.fields).toEqual({ runId: before.id, task: "plain", attempt: 1, worker: expect.any(String) });
  const { tracer, named } = keptSpans();
  const stop = trace(errand, { tracer });
  expect(() => trace(errand, { tracer })).toThrow(/traced already/);
  const during = await task.delay(null);
  expect(spanOf(await store.trace(during.id))).toMatchObject({ traceId: idsOf(named("delay plain")[0]).trace });
  stop();
  expect(await store.trace((await task.delay(null)).id)).toBeNull();
});

test("a run that was delayed untraced has a trace of its own from its attempt on", async () => {
  const file = freshDatabase();
  const before = createErrand({ database: `file:${file}`, broker: "database", worker: false, log: keptLog() });
  const run = await before.task({ name: "early", run: () => null }).delay(null);
  await before.close();
  const { errand, named } = traced({ database: `file:${file}`, broker: "database" });
  errand.task({ name: "early", run: () => null });
  await errand.start();
  await untilEnded(errand, run.id);
  const [attempt] = await until("it is told", () => named("run early").length > 0 && named("run early"));
  expect(attempt?.parentSpanContext).toBeUndefined();
});

test("a delay that another one with its key forestalls begins nothing; one that cannot be stored is an error", async () => {
  const { errand, named } = traced();
  const end = gate();
  const task = errand.task({ name: "once", run: async () => void (await end.opened) });
  await errand.start();
  const [one, other] = await Promise.all([task.start(1, { key: "k" }), task.start(2, { key: "k" })]);
  expect(one.id).toBe(other.id);
  expect(named("delay once").map(({ attributes }) => attributes["errand.begun"])).toEqual(expect.arrayContaining([undefined, false]));
  await expect(task.start(3, { id: one.id })).rejects.toThrow();
  expect(named("delay once").at(-1)).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { "error.type": "ERRAND_STORE" } });
  end.open();
  await one.ended();
});

test("a kept trace is W3C's text, and what is no such text is no trace", () => {
  const span = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
  const text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  expect(traceText(span)).toBe(text);
  expect(spanOf(text)).toEqual({ ...span, isRemote: true });
  const withState = spanOf(`${text} vendor=a,other=b`);
  expect(withState?.traceState?.get("other")).toBe("b");
  expect(withState && traceText(withState)).toBe(`${text} vendor=a,other=b`);
  expect(traceText({ ...span, traceId: "0".repeat(32) })).toBeNull();
  for (const wrong of [null, "", "00", text.slice(1), text.replace("0af7", "ZZZZ"), `00-${"0".repeat(32)}-b7ad6b7169203331-01`])
    expect(spanOf(wrong)).toBeUndefined();
});
