import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Run } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { until as untilSo } from "../../src/testing/until.ts";
import { startProcess } from "../support/process.ts";
import { freshDatabase } from "../support/temp.ts";
import { gate, keptLog, openErrand, until, untilEnded } from "./fixture.ts";
import { defineTasks, ROWS } from "./worker-tasks.ts";

const LEASE = 2000;
const script = new URL("./worker-process.ts", import.meta.url);

/** A database with a worker process on it, and an errand of the test's that starts runs and takes none. */
async function withWorker(lease = LEASE) {
  const file = freshDatabase();
  const log = keptLog();
  const web = openErrand({ database: `file:${file}`, broker: "database", worker: false, lease, log });
  const tasks = defineTasks(web, () => {});
  await web.start();
  const start = () => startProcess(script, { args: [file, String(lease)] });
  const worker = start();
  await worker.line(/^ready$/);
  return { file, web, tasks, worker, start, log };
}

/** One that sweeps, and performs what it sweeps. */
function sweeper(file: string) {
  const errand = openErrand({ database: `file:${file}`, broker: "database", lease: LEASE, sweepEvery: 100 });
  defineTasks(errand, () => {});
  return errand;
}

/** Resolves once the run's lease was prolonged. */
async function renewed(file: string, runId: string): Promise<void> {
  const db = new DatabaseSync(file, { readOnly: true });
  const store = sqlite(file);
  const leaseUntil = () => (db.prepare("SELECT lease_until FROM errand_runs WHERE id = ?").get(runId) as { lease_until: number | null }).lease_until;
  let first = leaseUntil();
  const longer = gate();
  const stop = store.watch(() => {
    const now = leaseUntil();
    if (first !== null && now !== null && now > first) longer.open();
    first ??= now;
  });
  await longer.opened;
  stop();
  await store.close();
  db.close();
}

describe("a worker that is killed", () => {
  test("in an attempt: the run is tried again, and its user is told why", async () => {
    const { file, web, tasks, worker } = await withWorker();
    const run = await tasks.hang.delay(null);
    await worker.line(/^hanging$/);
    await until(web, run.id, ({ completedSteps }) => completedSteps === 1);
    await worker.kill("SIGKILL");
    const texts: string[] = [];
    const watching = await web.watch(run.id, ({ state, stateText }) => void (state === "retrying" && texts.push(web.render(stateText ?? "", "en"))));
    const other = sweeper(file);
    await other.start();
    expect(await untilEnded(other, run.id)).toMatchObject({ state: "succeeded", attempt: 2, result: "attempt 2", stateText: null });
    watching?.stop();
    for (const said of texts) expect(said).toBe("The worker stopped; retrying, attempt 2 of 2.");
    expect((await web.artifacts.list([run.id])).map(({ attempt, name }) => [attempt, name])).toEqual([[1, "half.txt"]]);
  }, 60_000);

  test("in the last attempt: the run fails truthfully", async () => {
    const { file, tasks, worker, log: webLog } = await withWorker();
    const run = await tasks.hangOnce.delay(null);
    await worker.line(/^hanging$/);
    await worker.kill("SIGKILL");
    const log = keptLog();
    const other = openErrand({ database: `file:${file}`, broker: "database", lease: LEASE, sweepEvery: 100, log });
    await other.start();
    expect(await untilEnded(other, run.id)).toMatchObject({ state: "failed", attempt: 1, error: { code: "worker_lost" } });
    await expect(run.result()).rejects.toThrow("The worker stopped before this was finished.");
    // By whichever of the two came first.
    const said = () => [log, webLog].flatMap((each) => each.said(/^Swept run/));
    await untilSo("it is said", () => said().length > 0);
    expect(said()).toMatchObject([{ level: "warn", fields: { runId: run.id, state: "failed", attempt: 1 } }]);
  }, 60_000);

  test("while it was asked to cancel: the run is canceled", async () => {
    const { file, web, tasks, worker } = await withWorker();
    const run = await tasks.hang.delay(null);
    await worker.line(/^hanging$/);
    await worker.kill("SIGKILL");
    expect(await web.cancel(run.id)).toMatchObject({ state: "canceling" });
    const other = sweeper(file);
    await other.start();
    expect(await untilEnded(other, run.id)).toMatchObject({ state: "canceled", attempt: 1, stateText: null });
  }, 60_000);

  test("before it took anything: nothing is lost", async () => {
    const { file, web, tasks, worker } = await withWorker();
    await worker.kill("SIGKILL");
    const runs = await Promise.all([1, 2, 3].map((ms) => tasks.burn.delay(ms)));
    expect(await web.get(runs[0]?.id ?? "")).toMatchObject({ state: "pending" });
    await sweeper(file).start();
    for (const run of runs) expect(await run.result()).toBe("burnt");
  }, 60_000);

  test("again and again at any moment: every run still ends whole, each attempt's file its own", async () => {
    const { web, tasks, worker, start } = await withWorker(600);
    const runs = await Promise.all(Array.from({ length: 4 }, () => tasks.write.delay(null)));
    const allEnded = Promise.all(runs.map((run) => untilEnded(web, run.id)));
    let victim = worker;
    const moments = [
      () => victim.line(/^attempt/),
      () => victim.line(/^ready$/),
      () => until(web, runs[0]?.id ?? "", ({ attempt, completedSteps, ended }) => ended !== null || (attempt > 1 && completedSteps > ROWS / 4)),
      () => untilEnded(web, runs[1]?.id ?? ""),
    ];
    for (const moment of moments) {
      await Promise.race([moment(), allEnded]);
      await victim.kill("SIGKILL");
      victim = start();
      await victim.line(/^ready$/);
    }
    for (const run of await allEnded) {
      expect(run).toMatchObject({ state: "succeeded", completedSteps: ROWS, totalSteps: ROWS, result: run.attempt });
      const artifacts = await web.artifacts.list([run.id]);
      expect(new Set(artifacts.map(({ attempt }) => attempt)).size).toBe(artifacts.length);
      const whole = artifacts.find(({ attempt }) => attempt === run.attempt);
      const content = await text((await web.storage.read(whole?.key ?? "")) as NodeJS.ReadableStream);
      expect(content).toBe(Array.from({ length: ROWS }, (_, row) => `${row + 1}\n`).join(""));
      expect(whole?.size).toBe(content.length);
    }
    await expect(victim.kill("SIGTERM")).resolves.toEqual({ code: 0, signal: null });
  }, 90_000);
});

describe("a worker whose task keeps its thread busy", () => {
  test("for longer than a lease is not thought dead, and other processes go on meanwhile", async () => {
    const lease = 3000;
    const { file, web, tasks, worker } = await withWorker(lease);
    await renewed(file, (await tasks.hang.delay(null)).id); // The thread that renews is there.
    const log = keptLog();
    // It sweeps, and takes nothing that anybody sends.
    const other = openErrand({ database: `file:${file}`, broker: "database", worker: { queues: ["elsewhere"] }, lease, sweepEvery: 100, log });
    await other.start();
    const run = await tasks.burn.delay(1.5 * lease);
    await until(web, run.id, ({ state }) => state === "in_progress");
    expect((await tasks.burn.delay(1, { queue: "elsewhere" })).run.state).toBe("pending");
    expect(await web.get(run.id)).toMatchObject({ state: "in_progress" });
    expect(await untilEnded(web, run.id)).toMatchObject({ state: "succeeded", attempt: 1, result: "burnt" });
    expect(log.said(/^Swept/)).toEqual([]);
    await worker.kill("SIGKILL");
  }, 60_000);

  test("past the attempt's time loses the run, which ends truthfully elsewhere", async () => {
    const { file, web, tasks, worker } = await withWorker();
    const run = await tasks.loop.delay(null);
    await worker.line(/^looping$/);
    const seen: Run[] = [];
    const watching = await web.watch(run.id, (newer) => void seen.push(newer));
    const other = sweeper(file);
    await other.start();
    expect(await untilEnded(web, run.id)).toMatchObject({ state: "succeeded", attempt: 2, result: "second" });
    watching?.stop();
    for (const { state, stateText } of seen)
      if (state === "retrying") expect(web.render(stateText ?? "", "en")).toBe("This took longer than 1 s; retrying, attempt 2 of 2.");
    await worker.kill("SIGKILL");
  }, 60_000);
});
