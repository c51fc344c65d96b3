import fc from "fast-check";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Run } from "../../src/core/run.ts";
import { createErrand, isEnded, type Store } from "../../src/index.ts";
import { postgres } from "../../src/stores/postgres.ts";
import { type CrashPoint, crashAt, fakeClock, inlineErrand } from "../../src/testing/index.ts";
import { aborted, gate, keptLog } from "../runtime/fixture.ts";
import { createDatabase } from "../support/postgres.ts";
import { startProcess } from "../support/process.ts";
import { freshDatabase, tempDir } from "../support/temp.ts";
import { Lives, MAX_ATTEMPTS, type Program, World } from "./crashing.ts";

const points = ["insert", "dispatch", "claim", "progress", "artifact", "settle", "tell"].flatMap((step) => [`before ${step}`, `after ${step}`]) as CrashPoint[];
/** Where somebody died in these tests: a point that is never reached proves nothing. */
const died = new Set<CrashPoint>();
let world: World;

beforeAll(async () => {
  world = await new World().open();
});

/** Begins a run in a process that dies at the point, lets a second one take over, and judges what became of the run. Whether there was a death. */
async function dieAndHeal(program: Program, point: CrashPoint, nth: number): Promise<boolean> {
  const lives = new Lives(world, v7());
  const { runId } = lives;
  const crash = crashAt(point, { nth });
  const first = lives.open(crash);
  await first.errand.start();
  const begun = first.task.start(program as never, { id: runId });
  let isAnswered = false;
  const answered = begun.then(
    () => {
      isAnswered = true;
    },
    () => undefined,
  );
  await Promise.race([answered, crash.happened]);
  await lives.until(first.errand, () => crash.hasHappened);
  // It is told of its end a moment later.
  if (!crash.hasHappened) await (point.endsWith("tell") && nth === 1 ? crash.happened : first.heard);
  if (crash.hasHappened) died.add(point);

  const second = lives.open();
  try {
    await second.errand.start();
    await lives.until(second.errand);
    // What was taken by the dead to be told is told again when its minute is over.
    await world.clock.advance("2m");
    // The dead are not answered, and do nothing that they would have done then.
    if (point.endsWith("insert") && crash.hasHappened) expect(isAnswered).toBe(false);
    if (point === "after claim" && crash.hasHappened) expect(lives.journal.attempts).not.toContain(nth);
    const run = await second.errand.get(runId);
    if (point === "before insert" && crash.hasHappened) expect(run).toBeNull();
    else {
      if (lives.journal.told.length === 0 || (point === "after tell" && crash.hasHappened)) await second.heard;
      await judge(run as Run);
    }
  } finally {
    await first.errand.close({ grace: 0 });
    await second.errand.close({ grace: 0 });
  }
  return crash.hasHappened;

  async function judge(run: Run): Promise<void> {
    const { attempts, told } = lives.journal;
    const left = await second.errand.artifacts.list([runId]);
    const files = left.filter(({ attempt, kind }) => attempt === run.attempt && kind === "file");
    // Each attempt was made at most once, and never two by the same number.
    expect(attempts).toEqual([...new Set(attempts)]);
    expect(run.attempt).toBeLessThanOrEqual(MAX_ATTEMPTS);
    if (run.state === "succeeded") {
      expect(run.attempt).toBe(attempts.at(-1));
      expect(run).toMatchObject({ result: { attempt: run.attempt }, error: null, totalSteps: program.steps, completedSteps: program.steps });
      expect(files).toHaveLength(program.artifacts);
      expect(run.attempt).toBeGreaterThan(program.failing);
    } else {
      expect(run.state).toBe("failed");
      expect(["internal", "worker_lost"]).toContain(run.error?.code);
      if (!crash.hasHappened) expect(run.error?.code).toBe("internal");
      expect(run.attempt).toBe(MAX_ATTEMPTS);
      expect(left.filter(({ name }) => name === "Error")).toHaveLength(1);
    }
    // A life that was lost costs one attempt, and no more.
    const lost = crash.hasHappened && ["claim", "progress", "artifact", "settle"].some((step) => point.endsWith(step)) ? 1 : 0;
    if (program.failing + lost < MAX_ATTEMPTS) expect(run.state).toBe("succeeded");
    // Nobody writes after the end.
    await world.clock.advance("1m");
    expect(await second.errand.get(runId)).toEqual(run);
    // Told once; a second time only by whoever cannot know that the dead had told it.
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(1);
    expect(told.map(({ state }) => state)).toEqual(point === "after tell" && crash.hasHappened ? [run.state, run.state] : [run.state]);
  }
}

describe.each<[string, Program]>([
  ["that succeeds at once", { steps: 3, artifacts: 2, failing: 0 }],
  ["that succeeds at its second attempt", { steps: 1, artifacts: 1, failing: 1 }],
  ["that fails for good", { steps: 0, artifacts: 1, failing: 3 }],
])("a run %s", (_, program) => {
  test.each(points)("is brought to a truthful end after a death %s", async (point) => {
    for (let nth = 1; nth <= 3; nth++) if (!(await dieAndHeal(program, point, nth))) break;
  });
});

test("whatever a run does, and wherever its process dies", async () => {
  const programs = fc.record({ steps: fc.nat(3), artifacts: fc.nat(2), failing: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(programs, fc.constantFrom(...points), fc.integer({ min: 1, max: 5 }), async (program, point, nth) => {
      await dieAndHeal(program, point, nth);
    }),
    { numRuns: 20 },
  );
});

afterAll(async () => {
  await world.close();
  expect([...died].sort()).toEqual([...points].sort());
});

describe("a run that is to be canceled", () => {
  test.each<[CrashPoint, Run["state"]]>([
    ["before cancel", "failed"],
    ["after cancel", "canceled"],
  ])("when its process dies %s is %s in the end", async (point, state) => {
    const [file, clock] = [freshDatabase(), fakeClock({ patience: 20 })];
    const crash = crashAt(point);
    const first = inlineErrand({ file, clock, crash });
    const begun = gate();
    const endless = (errand: typeof first) =>
      errand.task({
        name: "endless",
        run: async (_, { signal }) => {
          begun.open();
          await aborted(signal);
        },
      });
    const run = await endless(first).start(null);
    await begun.opened;
    first.cancel(run.id).catch(() => undefined);
    await crash.happened;
    await using second = inlineErrand({ file, clock, log: keptLog() });
    endless(second);
    await second.start();
    await clock.advance("30s");
    expect(await second.get(run.id)).toMatchObject({ state, ...(state === "failed" && { error: { code: "worker_lost" } }) });
    await first.close({ grace: 0 });
  });
});

test.each<CrashPoint>(["before sweep", "after sweep"])("who sweeps may die too: %s", async (point) => {
  const [file, clock] = [freshDatabase(), fakeClock()];
  const define = (crash?: ReturnType<typeof crashAt>) => {
    const errand = inlineErrand({ file, clock, log: keptLog(), ...(crash && { crash }) });
    return { errand, task: errand.task({ name: "t", retries: 1, run: (_, { attempt }) => attempt }) };
  };
  const [death, another] = [crashAt("after claim"), crashAt(point)];
  const first = define(death);
  const run = await first.task.start(null);
  await death.happened;
  const second = define(another);
  await second.errand.start();
  const passing = clock.advance("20s");
  await another.happened;
  await passing;
  const third = define();
  await third.errand.start();
  await clock.advance("1m");
  expect(await third.errand.get(run.id)).toMatchObject({ state: "succeeded", attempt: 2, result: 2 });
  for (const { errand } of [first, second, third]) await errand.close({ grace: 0 });
});

test("with any store and broker: PostgreSQL, where nobody waits for a clock", async () => {
  const database = await createDatabase();
  const crash = crashAt("after claim");
  const open = (store: Store | string) => {
    const errand = createErrand({ database: store, broker: "database", storage: `file:${tempDir()}`, lease: "2s", log: keptLog() });
    return { errand, task: errand.task({ name: "t", retries: 1, run: (_, { attempt }) => attempt }) };
  };
  const first = open(crash.of(postgres(database.url)));
  try {
    const run = await first.task.delay(null);
    await crash.happened;
    const second = open(database.url);
    await second.errand.start();
    expect(await second.errand.wait(run.id, { timeout: 50_000 })).toMatchObject({ state: "succeeded", attempt: 2, result: 2 });
    await second.errand.close();
  } finally {
    crash.bury();
    await first.errand.close({ grace: 0 });
    await database.drop();
  }
});

test("by SIGKILL, in a process of its own", async () => {
  const file = freshDatabase();
  const child = startProcess(new URL("./killed.ts", import.meta.url), { args: [file] });
  expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
  const [, runId] = /^began (\S+)$/m.exec(child.stdout) as RegExpExecArray;
  expect(child.stdout).not.toContain("settled");
  const clock = fakeClock();
  await using errand = inlineErrand({ file, clock, log: keptLog() });
  errand.task({ name: "t", retries: 1, run: (_, { attempt }) => attempt });
  await errand.start();
  expect(await errand.get(runId as string)).toMatchObject({ state: "in_progress", attempt: 1 });
  await clock.advance("20s");
  expect(await errand.get(runId as string)).toMatchObject({ state: "succeeded", attempt: 2, result: 2 });
});

test("the dead hear nothing, say nothing, and are never answered until they are buried", async () => {
  const log = keptLog();
  const [file, clock] = [freshDatabase(), fakeClock()];
  const crash = crashAt("before settle");
  const first = inlineErrand({ file, clock, crash, log });
  const run = await first.task({ name: "t", run: () => null }).start(null);
  await crash.happened;
  let answered = false;
  const asking = first.get(run.id).finally(() => {
    answered = true;
  });
  asking.catch(() => undefined);
  await clock.advance("5m");
  expect(answered).toBe(false);
  await using second = inlineErrand({ file, clock, log: keptLog() });
  await second.start();
  expect(await second.get(run.id)).toMatchObject({ state: "in_progress" });
  await clock.advance("20s");
  const ended = await second.get(run.id);
  expect(isEnded(ended?.state ?? "pending")).toBe(true);
  expect(run.run.state).not.toBe(ended?.state);
  // Nothing of the dead holds the clock up.
  await clock.advance("30d");
  await first.close({ grace: 0 });
  await expect(asking).rejects.toThrow("This errand was to die here");
  expect(log.lines).toEqual([]);
});

test("a point that there is not, or a count that is none, is refused", () => {
  expect(() => crashAt("before lunch" as CrashPoint)).toThrow('There is no point "before lunch"; there is "before" or "after" one of insert, dispatch,');
  expect(() => crashAt("during claim" as CrashPoint)).toThrow(RangeError);
  expect(() => crashAt("after claim now" as CrashPoint)).toThrow(RangeError);
  expect(() => crashAt("after claim", { nth: 0 })).toThrow("nth must be a whole number from 1, but is 0.");
});
