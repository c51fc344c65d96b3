import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { trace } from "../../src/telemetry/opentelemetry.ts";
import { until } from "../../src/testing/until.ts";
import { errandWeb } from "../../src/web/index.ts";
import { openErrand, untilEnded } from "../runtime/fixture.ts";
import { type NodeProcess, startCli } from "../support/process.ts";
import { freshDatabase } from "../support/temp.ts";
import { scrape } from "./scrape.ts";
import { served } from "./served.ts";
import { idsOf, keptSpans } from "./spans.ts";

const tracedModule = fileURLToPath(new URL("./traced-worker.ts", import.meta.url));
const plainModule = fileURLToPath(new URL("../cli/app.ts", import.meta.url));

function startWorker(database: string, module: string, ...args: string[]): NodeProcess {
  const worker = startCli(["worker", module, "--json", ...args], { env: { ERRAND_DATABASE_URL: `file:${database}`, ERRAND_BROKER_URL: "database" } });
  onTestFinished(async () => void (await worker.kill("SIGKILL")));
  return worker;
}

interface SpanLine {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string;
}

async function spanLine(worker: NodeProcess, name: string): Promise<SpanLine> {
  return JSON.parse(await worker.line(new RegExp(`"span":"${name}"`))) as SpanLine;
}

/** Where a worker told to listen at any port does. */
async function healthOf(worker: NodeProcess): Promise<string> {
  const { port } = JSON.parse(await worker.line(/"event":"serving"/)) as { port: number };
  return `http://127.0.0.1:${port}`;
}

test("from the web process's request through the worker to the poll, it is one trace", async () => {
  const file = freshDatabase();
  const { tracer, named } = keptSpans();
  const errand = openErrand({ database: `file:${file}`, broker: "database", worker: false });
  trace(errand, { tracer });
  const task = errand.task({ name: "export", run: () => null });
  const origin = await served(errandWeb(errand, { identify: () => ({ id: "u1" }) }).handler);
  const run = await tracer.startActiveSpan("POST /export", async (span) => {
    const handle = await task.delay(null, { owner: "u1" });
    span.end();
    return handle;
  });
  const worker = startWorker(file, tracedModule);
  await untilEnded(errand, run.id);
  expect((await fetch(`${origin}/errand/tasks/${run.id}/`)).status).toBe(200);
  const [shown] = await until("the poll is told", () => named("document export").length > 0 && named("document export"));
  const [attempt, inner] = [await spanLine(worker, "run export"), await spanLine(worker, "read the courses")];
  const [request, delay] = [idsOf(named("POST /export")[0]), idsOf(named("delay export")[0])];
  expect([delay.trace, attempt.traceId, inner.traceId, idsOf(shown).trace]).toEqual(Array(4).fill(request.trace));
  expect([attempt.parent, inner.parent, shown?.parentSpanContext?.spanId]).toEqual([delay.span, attempt.spanId, delay.span]);
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});

test("a worker serves its health and its metrics", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}`, broker: "database", worker: false });
  const double = errand.task({ name: "double", run: () => null });
  const worker = startWorker(file, plainModule, "--health-port", "127.0.0.1:0");
  const origin = await healthOf(worker);
  await worker.line(/"event":"working"/);
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${origin}/readyz`)).json()).toEqual({ status: "ready", closing: false, store: "ok", broker: "ok" });
  expect((await fetch(`${origin}/other`)).status).toBe(404);
  await (await double.delay(2)).result();
  const found = await until("the run is counted", async () => {
    const now = await scrape(`${origin}/metrics`);
    return now.get('errand_attempts_total{task="double",state="succeeded"}') === 1 && now;
  });
  expect(found.get('errand_runs_ended_total{task="double",state="succeeded"}')).toBe(1);
  expect(found.get("errand_workers")).toBe(1);
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});

test("a worker that is told to stop is alive and not ready until it has ended", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}`, broker: "database", worker: false });
  const task = errand.task({ name: "until_told", run: () => null });
  const worker = startWorker(file, plainModule, "--health-port", "127.0.0.1:0", "--grace", "10m");
  const origin = await healthOf(worker);
  const run = await task.delay(null);
  await until("it is under way", async () => (await errand.get(run.id))?.stateText === "Waiting");
  worker.signal("SIGTERM");
  await worker.line(/"event":"stopping"/);
  const answer = await fetch(`${origin}/readyz`);
  expect([answer.status, await answer.json()]).toEqual([503, { status: "unready", closing: true, store: "unasked", broker: "unasked" }]);
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  worker.signal("SIGHUP");
  expect(await worker.exited).toEqual({ code: 0, signal: null });
});

test("a port that is none, or that is taken, is refused in words", async () => {
  const env = { ERRAND_DATABASE_URL: `file:${freshDatabase()}`, ERRAND_BROKER_URL: "database" };
  const told = async (port: string) => {
    const worker = startCli(["worker", plainModule, "--health-port", port], { env });
    return { ...(await worker.exited), words: worker.stderr };
  };
  const taken = new URL(await served(async () => new Response())).port;
  const [wrong, busy] = await Promise.all([told("ninety"), told(`127.0.0.1:${taken}`)]);
  expect(wrong).toMatchObject({ code: 2, words: expect.stringContaining("--health-port must be a port such as 9090 or 127.0.0.1:9090, but is ninety.") });
  expect(busy).toMatchObject({ code: 1, words: `errand: Health cannot be served at 127.0.0.1:${taken} (EADDRINUSE): name another --health-port.\n` });
});
