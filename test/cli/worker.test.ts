import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createErrand } from "../../src/index.ts";
import { keptLog, until, untilEnded } from "../runtime/fixture.ts";
import { startCli } from "../support/process.ts";
import { freshDatabase } from "../support/temp.ts";
import { appModule, environment } from "./command.ts";

/** The app's web process: it starts runs and takes none. */
function web(file: string) {
  const errand = createErrand({ database: `file:${file}`, broker: "database", worker: false, lease: "2s", log: keptLog() });
  onTestFinished(() => errand.close());
  const task = (name: string) => errand.task({ name, run: () => null });
  return { errand, double: task("double"), untilTold: task("until_told"), deaf: task("deaf") };
}

async function startWorker(file: string, ...args: string[]) {
  const worker = startCli(["worker", appModule, ...args], { env: environment(file) });
  await worker.line(/^Worker \d+ takes runs/);
  return worker;
}

test("it takes runs until SIGTERM, and then ends well", async () => {
  const file = freshDatabase();
  const { double } = web(file);
  const before = await double.delay(4);
  const worker = await startWorker(file);
  expect(worker.stdout).toBe(`Worker ${worker.pid} takes runs, 10 at once.\n`);
  expect(await before.result()).toBe(8);
  expect(await (await double.delay(21)).result()).toBe(42);
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(worker.stdout).toContain("SIGTERM: finishing what is under way.\n");
  expect(worker.stderr).toBe("");
}, 60_000);

test("SIGTERM lets what is under way end, and nothing new is begun", async () => {
  const file = freshDatabase();
  const { errand, double, untilTold } = web(file);
  const worker = await startWorker(file, "--grace", "10m");
  const run = await untilTold.delay(null);
  await until(errand, run.id, ({ stateText }) => stateText === "Waiting");
  worker.signal("SIGTERM");
  await worker.line(/^SIGTERM: finishing/);
  const late = await double.delay(1);
  worker.signal("SIGHUP");
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(await errand.get(run.id)).toMatchObject({ state: "succeeded", attempt: 1, result: 1 });
  expect(await errand.get(late.id)).toMatchObject({ state: "pending" });
}, 60_000);

test("what does not end within the grace is handed back, for another worker", async () => {
  const file = freshDatabase();
  const { errand, untilTold, deaf } = web(file);
  const worker = await startWorker(file, "--grace", "50ms");
  const heeds = await untilTold.delay(null);
  const ignores = await deaf.delay(null);
  await Promise.all([heeds, ignores].map(({ id }) => until(errand, id, ({ state }) => state === "in_progress")));
  expect(await worker.kill("SIGINT")).toEqual({ code: 0, signal: null });
  for (const { id } of [heeds, ignores]) expect(await errand.get(id)).toMatchObject({ state: "retrying", attempt: 1, maxAttempts: 2, error: null });
  await errand.cancel(ignores.id);
  const next = await startWorker(file);
  await until(errand, heeds.id, ({ attempt, stateText }) => attempt === 2 && stateText === "Waiting");
  next.signal("SIGHUP");
  expect(await untilEnded(errand, heeds.id)).toMatchObject({ state: "succeeded", result: 2 });
  expect(await next.kill("SIGTERM")).toEqual({ code: 0, signal: null });
}, 60_000);

test("a second signal hands back at once", async () => {
  const file = freshDatabase();
  const { errand, untilTold, deaf } = web(file);
  const worker = await startWorker(file, "--grace", "10m");
  const runs = [await untilTold.delay(null), await deaf.delay(null)];
  for (const { id } of runs) await until(errand, id, ({ state }) => state === "in_progress");
  worker.signal("SIGTERM");
  await worker.line(/^SIGTERM: finishing/);
  expect(await worker.kill("SIGINT")).toEqual({ code: 0, signal: null });
  expect(worker.stdout).toMatch(/\nSIGINT: handing back what is under way\.\n$/);
  for (const { id } of runs) expect(await errand.get(id)).toMatchObject({ state: "retrying", attempt: 1, maxAttempts: 2 });
});

test("the same signal at once is Ctrl-C that npm has sent on, and no second one; later it is", async () => {
  const file = freshDatabase();
  const { errand, deaf } = web(file);
  const worker = await startWorker(file, "--grace", "10m");
  const { id } = await deaf.delay(null);
  await until(errand, id, ({ state }) => state === "in_progress");
  const began = performance.now();
  worker.signal("SIGINT");
  await worker.line(/^SIGINT: finishing/);
  const again = setInterval(() => worker.signal("SIGINT"), 20);
  await worker.line(/^SIGINT: handing back/);
  clearInterval(again);
  expect(performance.now() - began).toBeGreaterThan(500);
  await worker.exited;
});

test("while the database cannot be written it ends all the same; its runs are found by their leases", async () => {
  const file = freshDatabase();
  const { errand, deaf } = web(file);
  const worker = await startWorker(file, "--grace", "50ms");
  const { id } = await deaf.delay(null);
  await until(errand, id, ({ state }) => state === "in_progress");
  const locked = lock(file);
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(worker.stderr).toContain("could not let go of everything in time");
  expect(await errand.get(id)).toMatchObject({ state: "in_progress" });
  locked.close();
  expect(await untilEnded(errand, id)).toMatchObject({ state: "failed", error: { code: "worker_lost" } });
});

test("a third signal ends it as if nobody listened", async () => {
  const file = freshDatabase();
  const { errand, deaf } = web(file);
  const worker = await startWorker(file, "--grace", "10m");
  const { id } = await deaf.delay(null);
  await until(errand, id, ({ state }) => state === "in_progress");
  const locked = lock(file);
  worker.signal("SIGTERM");
  await worker.line(/^SIGTERM: finishing/);
  worker.signal("SIGINT");
  await worker.line(/^SIGINT: handing back/);
  expect(await worker.kill("SIGTERM")).toEqual({ code: null, signal: "SIGTERM" });
  locked.close();
});

/** Another program holds the database: nobody can write until it is closed. */
function lock(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  onTestFinished(() => void (database.isOpen && database.close()));
  database.exec("BEGIN IMMEDIATE");
  return database;
}

test("--concurrency and --queues say what it takes", async () => {
  const file = freshDatabase();
  const { errand, double } = web(file);
  const worker = await startWorker(file, "--concurrency", "2", "--queues", "mail,export");
  expect(worker.stdout).toBe(`Worker ${worker.pid} takes runs from mail, export, 2 at once.\n`);
  const other = await double.delay(1);
  const runs = await Promise.all(["mail", "export", "mail"].map((queue) => double.delay(3, { queue })));
  for (const run of runs) expect(await run.result()).toBe(6);
  expect(await errand.get(other.id)).toMatchObject({ state: "pending" });
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
}, 60_000);
