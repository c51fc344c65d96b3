import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { chain, type Errand, UserError } from "../../src/index.ts";
import { inlineErrand } from "../../src/testing/index.ts";
import { keptLog } from "../runtime/fixture.ts";
import { freshDatabase, tempDir } from "../support/temp.ts";

function tasksOf(errand: Errand) {
  return {
    double: errand.task({ name: "double", input: z.object({ n: z.number() }), run: ({ n }) => ({ n: 2 * n }) }),
    refuse: errand.task({ name: "refuse", run: () => Promise.reject(new UserError("Sold out.")) }),
    leave: errand.task({
      name: "leave",
      run: async (_, { artifacts }) => {
        await artifacts.append("report.txt", "All is well.");
      },
    }),
  };
}

async function textOf(errand: Errand, runId: string): Promise<string> {
  const [artifact] = await errand.artifacts.list([runId]);
  let text = "";
  for await (const bytes of (await errand.storage.read(artifact?.key as string)) ?? []) text += Buffer.from(bytes).toString();
  return text;
}

function ownFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("errand-inline-"));
}

test("delay returns the ended run", async () => {
  await using errand = inlineErrand();
  const { double, refuse } = tasksOf(errand);
  const run = await double.delay({ n: 21 }, { owner: "u42" });
  expect(run.run).toMatchObject({ state: "succeeded", owner: "u42", result: { n: 42 } });
  expect(await run.result()).toEqual({ n: 42 });
  await expect((await refuse.delay(null)).result()).rejects.toThrow("Sold out.");
});

test("another attempt follows at once, however long its wait would be", async () => {
  await using errand = inlineErrand({ log: keptLog() });
  const flaky = errand.task({
    name: "flaky",
    retries: { times: 4, delay: "1h", max: "1d" },
    run: (_, { attempt }) => (attempt < 5 ? Promise.reject(new Error("not yet")) : attempt),
  });
  const { run } = await flaky.delay(null);
  expect(run).toMatchObject({ state: "succeeded", attempt: 5, result: 5 });
});

test("linked runs, loops and runs that wait for others they began end too", async () => {
  await using errand = inlineErrand();
  const { double } = tasksOf(errand);
  const outer = errand.task({ name: "outer", run: async () => (await double.delay({ n: 4 })).result() });
  const loop = errand.task({ name: "loop", run: (_, { each }) => each([1, 2, 3], () => undefined) });
  const linked = chain([double.with({ n: 1 }), double.with(({ n }: { n: number }) => ({ n }))]);
  expect((await linked.delay()).run).toMatchObject({ state: "succeeded", result: { n: 4 } });
  expect((await outer.delay(null)).run.result).toEqual({ n: 8 });
  expect((await loop.delay(null)).run).toMatchObject({ state: "succeeded", completedSteps: 3 });
});

test("files that it keeps are gone with it", async () => {
  // Of its own, since other test files make such folders at the same time.
  vi.stubEnv("TMPDIR", tempDir());
  onTestFinished(() => void vi.unstubAllEnvs());
  const errand = inlineErrand();
  const { leave } = tasksOf(errand);
  const run = await leave.delay(null);
  expect(await textOf(errand, run.id)).toBe("All is well.");
  expect(ownFolders()).toHaveLength(1);
  await errand.close();
  expect(ownFolders()).toEqual([]);
});

test("two of them know nothing of each other", async () => {
  await using one = inlineErrand();
  await using other = inlineErrand();
  const run = await tasksOf(one).double.delay({ n: 1 });
  tasksOf(other);
  expect(await other.get(run.id)).toBeNull();
});

test("the environment of a deployment does not reach it", async () => {
  vi.stubEnv("ERRAND_DATABASE_URL", "postgres://nowhere.invalid/x");
  vi.stubEnv("ERRAND_BROKER_URL", "redis://nowhere.invalid");
  vi.stubEnv("ERRAND_STORAGE_URL", "s3://nowhere");
  vi.stubEnv("ERRAND_WORKER", "off");
  vi.stubEnv("ERRAND_SECRET", "short");
  try {
    await using errand = inlineErrand();
    expect((await tasksOf(errand).double.delay({ n: 3 })).run.state).toBe("succeeded");
    expect(await errand.secrets()).toHaveLength(1);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("with a file, a later one finds what an earlier one left, its files too", async () => {
  const file = freshDatabase();
  let runId: string;
  {
    await using errand = inlineErrand({ file });
    runId = (await tasksOf(errand).leave.delay(null)).id;
  }
  await using errand = inlineErrand({ file });
  expect(await textOf(errand, runId)).toBe("All is well.");
});
