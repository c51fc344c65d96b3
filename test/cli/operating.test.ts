import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createErrand } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { startCli } from "../support/process.ts";
import { freshDatabase } from "../support/temp.ts";
import { appModule, environment, runCli } from "./command.ts";

const file = freshDatabase();
const env = environment(file);
const errand = createErrand({ database: `file:${file}`, broker: "database" });
const gate = Promise.withResolvers<void>();
const double = errand.task({ name: "double", run: (n) => Number(n) * 2 });
const write = errand.task({
  name: "write",
  calculateTotalSteps: () => 4,
  run: async (_, { status, artifacts }) => {
    await status.setState("Writing \u001b[31mred\u001b[0m\nletters");
    await status.incrementCompletedSteps(2);
    await artifacts.text("Dear reader", "Letter");
    await gate.promise;
    return null;
  },
});
const fail = errand.task({ name: "fail", run: (_, { status }) => status.fail("There is no paper.") });
const evil = "<b>\u001b]0;evil\u0007\u202eNamed";
const ids: Record<"doubled" | "failed" | "writing", string> = { doubled: "", failed: "", writing: "" };

beforeAll(async () => {
  const doubled = await double.delay(21, { owner: "alice", name: evil });
  await doubled.ended();
  const failed = await fail.delay(null, { owner: "bob" });
  await failed.ended();
  const writing = await write.delay(null, { owner: "alice" });
  Object.assign(ids, { doubled: doubled.id, failed: failed.id, writing: writing.id });
  const wrote = Promise.withResolvers<void>();
  const watching = await errand.watch(writing.id, ({ completedSteps }) => void (completedSteps === 2 && wrote.resolve()));
  if (watching?.run.completedSteps === 2) wrote.resolve();
  await wrote.promise;
  watching?.stop();
});
afterAll(async () => {
  gate.resolve();
  await errand.close({ grace: 0 });
});

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runCli([...args, "--json"], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("list", () => {
  test("shows runs newest first, and nothing in a name reaches the terminal", async () => {
    const { code, stdout } = await runCli(["list", appModule], env);
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^ID\s+STATE\s+DONE\s+CREATED\s+OWNER\s+TASK\s+NAME$/);
    expect(rows.map((row) => row.slice(0, 36))).toEqual([ids.writing, ids.failed, ids.doubled]);
    expect(rows[2]).toContain("Named");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("filters, pages, and answers programs; a database's address will do", async () => {
    expect(await json("list", appModule, "--owner", "alice", "--state", "succeeded")).toMatchObject([{ id: ids.doubled, state: "Succeeded", result: 42 }]);
    expect(await json("list", `file:${file}`, "--limit", "1", "--before", ids.writing)).toMatchObject([{ id: ids.failed, error: "There is no paper." }]);
    expect(await json("list", appModule, "--search", "nothing at all")).toEqual([]);
  });
});

describe("show", () => {
  test("tells all of one run", async () => {
    const { stdout } = await runCli(["show", appModule, ids.writing], env);
    expect(stdout).toContain("state         In Progress\n");
    expect(stdout).toContain("state text    Writing red letters\n");
    expect(stdout).toContain("steps         2 of 4 (50 %)\n");
    expect(stdout).toContain("artifact      Letter: Dear reader\n");
    expect(await json("show", appModule, ids.failed)).toMatchObject({ state: "Failed", artifacts: [{ name: "Error", text: "There is no paper." }] });
  });

  test("an unknown id fails in one line", async () => {
    expect(await runCli(["show", appModule, "nothing"], env)).toMatchObject({ code: 1, stdout: "", stderr: "errand: There is no run nothing.\n" });
  });
});

describe("watch", () => {
  test("ends at once with the status of a run that has ended", async () => {
    const succeeded = await runCli(["watch", appModule, ids.doubled], env);
    expect([succeeded.code, succeeded.stdout]).toEqual([0, expect.stringMatching(/^100 % {2}Succeeded {2}1\/1 {2}.*Named\n$/)]);
    expect(await runCli(["watch", appModule, ids.failed], env)).toMatchObject({ code: 1, stdout: expect.stringContaining("There is no paper.") });
  });

  test("follows a run that another process performs to its end, a line for each change in a pipe", async () => {
    const watching = startCli(["watch", appModule, ids.writing, "--json"], { env });
    expect(JSON.parse(await watching.line(/^\{/))).toMatchObject({ id: ids.writing, percentage: 50, state: "In Progress" });
    gate.resolve();
    expect(await watching.exited).toEqual({ code: 0, signal: null });
    const last = watching.stdout.trimEnd().split("\n").at(-1) as string;
    expect(JSON.parse(last)).toMatchObject({ state: "Succeeded", percentage: 100 });
  });
});

test("watch ends in words when the run is deleted meanwhile", async () => {
  const waiting = await double.delay(1, { runAt: new Date(Date.now() + 3_600_000) });
  const watching = startCli(["watch", appModule, waiting.id], { env });
  await watching.line(/Pending/);
  // Not by errand.remove: it cancels first, and a watcher that is quick sees that end.
  const store = sqlite(file);
  expect(await store.hide([waiting.id])).toEqual([waiting.id]);
  await store.close();
  expect(await watching.exited).toEqual({ code: 1, signal: null });
  expect(watching.stderr).toContain(`There is no run ${waiting.id}.`);
});

describe("cancel, rerun, purge", () => {
  test("cancel", async () => {
    const waiting = await double.delay(1, { runAt: new Date(Date.now() + 3_600_000) });
    expect(await runCli(["cancel", appModule, waiting.id, ids.doubled], env)).toMatchObject({
      code: 0,
      stdout: `${waiting.id} Canceled\n${ids.doubled} Succeeded\n`,
    });
    expect((await errand.get(waiting.id))?.state).toBe("canceled");
  });

  test("rerun starts the same again, for a worker to take", async () => {
    const rerun = (await json("rerun", appModule, ids.doubled)) as { id: string; rerun_of: string };
    expect(rerun.rerun_of).toBe(ids.doubled);
    expect((await errand.wait(rerun.id, { timeout: 20_000 }))?.result).toBe(42);
    const { code, stderr } = await runCli(["rerun", `file:${file}`, ids.doubled], env);
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no task "double"')]);
  });

  test("purge deletes what ended before, and needs the app that knows its files", async () => {
    expect(await json("purge", appModule)).toEqual({ purged: 0 });
    const before = (await errand.list({}, { limit: 100 })).filter(({ ended }) => ended !== null).length;
    expect(await json("purge", appModule, "--older-than", "0s")).toEqual({ purged: before });
    expect(await errand.get(ids.doubled)).toBeNull();
    expect(await runCli(["purge", `file:${file}`], env)).toMatchObject({ code: 2 });
    expect(await runCli(["purge", appModule, "--older-than", "soon"], env)).toMatchObject({ code: 2, stderr: expect.stringContaining("--older-than") });
  });
});

test.each([
  [["list", appModule, "--state", "lost"], "--state must be one of pending, "],
  [["list", appModule, "--limit", "0"], "--limit must be a whole number from 1 to 1000"],
  [["show", appModule], "errand show needs the app and one run id."],
  [["cancel", appModule], "errand cancel needs the app and one run id or more."],
])("errand %j is called wrongly", async (args, message) => {
  const { code, stderr } = await runCli(args, env);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
