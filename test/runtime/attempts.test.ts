import { describe, expect, test } from "vitest";
import { z } from "zod";
import { RunFailedError, UserError } from "../../src/core/errors.ts";
import { freshDatabase } from "../support/temp.ts";
import { keptLog, openErrand } from "./fixture.ts";

describe("retries", () => {
  test("a failed attempt is tried again after its wait, with the steps begun anew", async () => {
    const errand = openErrand();
    const begun: number[] = [];
    const task = errand.task({
      name: "flaky",
      retries: { times: 2, delay: "40ms" },
      calculateTotalSteps: () => 4,
      run: async (_, { attempt, status }) => {
        begun.push(performance.now());
        await status.incrementTotalSteps(1);
        await status.incrementCompletedSteps(attempt);
        if (attempt < 3) throw new Error(`attempt ${attempt}`);
        return attempt;
      },
    });
    const seen: { state: string; attempt: number; completedSteps: number; totalSteps: number }[] = [];
    const run = await task.start(null);
    const watching = await errand.watch(
      run.id,
      ({ state, attempt, completedSteps, totalSteps }) => void seen.push({ state, attempt, completedSteps, totalSteps }),
    );
    expect(await run.result()).toBe(3);
    watching?.stop();
    expect(run.run).toMatchObject({ attempt: 3, maxAttempts: 3, completedSteps: 5, totalSteps: 5 });
    expect(seen).toContainEqual({ state: "retrying", attempt: 1, completedSteps: 1, totalSteps: 5 });
    expect(seen).toContainEqual({ state: "in_progress", attempt: 2, completedSteps: 0, totalSteps: 4 });
    const [first, second, third] = begun as [number, number, number];
    expect(second - first).toBeGreaterThanOrEqual(19);
    expect(third - second).toBeGreaterThanOrEqual(39);
  });

  test("between two attempts the user is told so", async () => {
    const errand = openErrand();
    const task = errand.task({ name: "flaky", retries: { times: 2, delay: "1h" }, run: () => Promise.reject(new Error("x")) });
    const run = await task.start(null);
    const retrying = await errand.wait(run.id, { timeout: 10_000, rev: 2 });
    expect(retrying).toMatchObject({ state: "retrying", attempt: 1, ended: null, error: null });
    expect(errand.render(retrying?.stateText ?? "", "en")).toBe("An attempt failed; retrying, attempt 2 of 3.");
    expect(errand.render(retrying?.stateText ?? "", "de")).toBe("Ein Versuch schlug fehl; neuer Versuch, 2 von 3.");
    const wait = (retrying?.runAt ?? 0) - (retrying?.modified ?? 0);
    expect(wait).toBeGreaterThanOrEqual(300_000); // Never more than ten minutes, and half of it at least.
    expect(wait).toBeLessThanOrEqual(600_000);
  });

  test("after the last attempt the run has failed", async () => {
    const task = openErrand().task({ name: "broken", retries: { times: 1, delay: 0 }, run: () => Promise.reject(new Error("x")) });
    const run = await task.delay(null);
    expect(run.run).toMatchObject({ state: "failed", attempt: 2, maxAttempts: 2, stateText: null, error: { code: "internal" } });
  });

  test("a user error is not cured by trying again", async () => {
    const task = openErrand().task({ name: "told", retries: 5, run: () => Promise.reject(new UserError("Sold out.")) });
    expect((await task.delay(null)).run).toMatchObject({ state: "failed", attempt: 1, error: { code: "user", message: "Sold out." } });
  });

  test("with the broker database too", async () => {
    const errand = openErrand({ broker: "database" });
    const task = errand.task({
      name: "flaky",
      retries: { times: 3, delay: "10ms" },
      run: (_, { attempt }) => (attempt < 4 ? Promise.reject(new Error("x")) : attempt),
    });
    expect(await (await task.delay(null)).result()).toBe(4);
  });
});

describe("what the user is told of a failure", () => {
  class OrderError extends UserError {}

  test("the message and class of a user error, and nothing goes to the log", async () => {
    const log = keptLog();
    const task = openErrand({ log }).task({ name: "told", run: () => Promise.reject(new OrderError("This order is already canceled.")) });
    const run = await task.delay(null);
    const error = await run.result().catch((error: RunFailedError) => error);
    expect(error).toBeInstanceOf(RunFailedError);
    expect(error).toMatchObject({ message: "This order is already canceled.", type: "OrderError", runId: run.id, code: "ERRAND_RUN_FAILED" });
    expect(run.run.error?.support).toBeUndefined();
    expect(log.lines).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["an error", new Error("password=secret")],
    ["a text", "password=secret"],
    ["undefined", undefined],
    ["an object", { message: "password=secret" }],
  ])("%s is hidden behind a code that the log has too", async (_what, thrown) => {
    const log = keptLog();
    const task = openErrand({ log }).task({ name: "hidden", run: () => Promise.reject(thrown) });
    const run = await task.delay(null);
    expect(JSON.stringify(run.run)).not.toContain("secret");
    expect(run.run.error).toEqual({ code: "internal", message: { key: "run.unexpected" }, support: expect.stringMatching(/^[0-9a-f]{8}$/) });
    await expect(run.result()).rejects.toThrow("An unexpected error has occurred, please try again later.");
    expect(log.lines).toEqual([
      {
        level: "error",
        message: `Attempt 1 of run ${run.id} of task hidden failed.`,
        fields: { error: thrown, task: "hidden", runId: run.id, attempt: 1, worker: expect.any(String), support: run.run.error?.support },
      },
    ]);
  });

  test("a task that throws before it returns a promise has failed like any other", async () => {
    const task = openErrand().task({
      name: "throws",
      run: () => {
        throw new UserError("At once.");
      },
    });
    await expect((await task.delay(null)).result()).rejects.toThrow("At once.");
  });
});

describe("a result that cannot be kept", () => {
  test.each<[string, unknown, string]>([
    ["is no JSON", { orders: [{ at: new Date(0) }] }, 'The result of task t is no JSON: found a Date at "orders[0].at". Pass its id instead'],
    ["has a bigint", 1n, "The result of task t is no JSON: found a bigint. Pass its id instead"],
    [
      "is over 1 MiB",
      "x".repeat(1_100_000),
      "The result of task t is 1100002 bytes of JSON; at most 1048576 (1 MiB) are kept. Leave it as an artifact and return its id.",
    ],
  ])("because it %s fails the run at once, and the log says what to do", async (_what, result, message) => {
    const log = keptLog();
    const task = openErrand({ log }).task({ name: "t", retries: 3, run: () => result as never });
    const run = await task.delay(null);
    expect(run.run).toMatchObject({ state: "failed", attempt: 1, result: null, error: { code: "invalid_result", support: expect.any(String) } });
    expect(log.lines).toMatchObject([{ level: "error", fields: { support: run.run.error?.support } }]);
    expect(String(log.lines[0]?.fields.error)).toContain(message);
  });

  test("no result at all is null", async () => {
    const task = openErrand().task({ name: "t", run: () => undefined });
    expect(await (await task.delay(null)).result()).toBeNull();
  });
});

describe("a run that this code no longer fits", () => {
  test("a task that nobody defined fails truthfully, however many attempts are left", async () => {
    const file = freshDatabase();
    const web = openErrand({ database: `file:${file}`, broker: "database", worker: false });
    const run = await web.task({ name: "forgotten", retries: 3, run: () => null }).delay(null);
    const log = keptLog();
    const worker = openErrand({ database: `file:${file}`, broker: "database", log });
    await worker.start();
    expect(await run.ended()).toMatchObject({ state: "failed", attempt: 1, error: { code: "unknown_task" } });
    await expect(run.result()).rejects.toThrow("No worker here knows how to do this.");
    expect(log.said(/No task named "forgotten" is defined in this worker/)).toMatchObject([{ level: "error", fields: { runId: run.id, task: "forgotten" } }]);
  });

  test("an input that the schema no longer takes fails the run at once", async () => {
    const file = freshDatabase();
    const web = openErrand({ database: `file:${file}`, broker: "database", worker: false });
    const run = await web.task({ name: "changed", retries: 3, run: () => null }).delay({ id: 3 });
    const worker = openErrand({ database: `file:${file}`, broker: "database" });
    worker.task({ name: "changed", retries: 3, input: z.object({ code: z.string() }), run: () => null });
    await worker.start();
    expect(await run.ended()).toMatchObject({ state: "failed", attempt: 1, error: { code: "invalid_input" } });
  });
});

test("a task is told which run and attempt it is, and whose, and its log bears it", async () => {
  const log = keptLog();
  const task = openErrand({ log }).task({
    name: "told",
    run: (input, { runId, owner, attempt, log: own }) => {
      own.info({ row: 3 }, "Looked.");
      return { runId, owner, attempt, input };
    },
  });
  const run = await task.delay([1], { owner: "u42" });
  expect(run.run.result).toEqual({ runId: run.id, owner: "u42", attempt: 1, input: [1] });
  expect(log.lines).toEqual([{ level: "info", message: "Looked.", fields: { row: 3, runId: run.id, task: "told", attempt: 1, worker: expect.any(String) } }]);
});
