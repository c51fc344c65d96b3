import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Run } from "../../src/core/run.ts";
import { type Errand, TaskTimeoutError, UserError } from "../../src/index.ts";
import { type FakeClock, fakeClock, inlineErrand } from "../../src/testing/index.ts";
import { aborted, gate, keptLog } from "../runtime/fixture.ts";

const noon = new Date("2030-01-01T12:00:00Z");

async function snapshot(errand: Errand, { id }: { id: string }): Promise<Run> {
  return (await errand.get(id)) as Run;
}

function later(clock: FakeClock, ms: number): Date {
  return new Date(clock.now() + ms);
}

describe("a run goes by the clock", () => {
  test("that is for later: not a moment before, and then at once", async () => {
    const clock = fakeClock({ start: noon });
    await using errand = inlineErrand({ clock });
    const task = errand.task({ name: "remind", run: () => clock.now() });
    const { id } = await task.delay(null, { runAt: later(clock, 3_600_000) });
    await clock.advance(3_599_999);
    expect(await snapshot(errand, { id })).toMatchObject({ state: "pending", created: noon.getTime() });
    await clock.advance(1);
    expect(await snapshot(errand, { id })).toMatchObject({ state: "succeeded", started: noon.getTime() + 3_600_000, ended: noon.getTime() + 3_600_000 });
    expect(clock.date).toEqual(new Date("2030-01-01T13:00:00Z"));
  });

  test("that is tried again: each attempt begins when its wait is over, wherever the clock stops", async () => {
    const clock = fakeClock();
    await using errand = inlineErrand({ clock, log: keptLog() });
    const begun: number[] = [];
    const task = errand.task({
      name: "flaky",
      retries: { times: 3, delay: "10m", max: "1d" },
      run: (_, { attempt }) => {
        begun.push(clock.now());
        return attempt < 4 ? Promise.reject(new Error("not yet")) : attempt;
      },
    });
    const run = await task.start(null);
    const waits: number[] = [];
    for (let now = await afterRest(); now.state === "retrying"; now = await afterRest()) {
      waits.push(now.runAt - clock.now());
      await clock.advance(now.runAt - clock.now() - 1);
      expect(begun).toHaveLength(waits.length);
      await clock.advance(1);
    }
    expect(await run.result()).toBe(4);
    expect(begun.slice(1).map((at, index) => at - (begun[index] as number))).toEqual(waits);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(2 ** index * 300_000);
      expect(wait).toBeLessThanOrEqual(2 ** index * 600_000);
    }

    async function afterRest(): Promise<Run> {
      await clock.advance(0);
      return snapshot(errand, run);
    }
  });

  test("in one great leap all of that happens too, each at its own time", async () => {
    const clock = fakeClock();
    await using errand = inlineErrand({ clock, log: keptLog() });
    const begun: number[] = [];
    const task = errand.task({
      name: "flaky",
      retries: { times: 2, delay: "1m" },
      run: (_, { attempt }) => {
        begun.push(clock.now());
        return attempt < 3 ? Promise.reject(new Error("not yet")) : attempt;
      },
    });
    const start = clock.now();
    const run = await task.start(null, { runAt: later(clock, 60_000) });
    await clock.advance("1d");
    const { ended, attempt } = await snapshot(errand, run);
    expect(attempt).toBe(3);
    expect(begun[0]).toBe(start + 60_000);
    expect(ended).toBe(begun[2]);
    expect(ended).toBeLessThanOrEqual(start + 60_000 + 60_000 + 120_000);
  });

  test("that takes too long: its time is up to the millisecond, and its signal says so", async () => {
    const clock = fakeClock({ patience: 20 });
    await using errand = inlineErrand({ clock });
    const reason = gate<Error>();
    const task = errand.task({
      name: "hangs",
      timeout: "10m",
      run: async (_, { signal }) => {
        reason.open(await aborted(signal));
      },
    });
    const run = await task.start(null);
    await clock.advance(599_999);
    expect(await snapshot(errand, run)).toMatchObject({ state: "in_progress", attempt: 1 });
    await clock.advance(1);
    const { state, error, started, ended } = await snapshot(errand, run);
    expect([state, error?.code, (ended as number) - (started as number)]).toEqual(["failed", "timeout", 600_000]);
    expect(await reason.opened).toBeInstanceOf(TaskTimeoutError);
  });

  test("that is at work is not taken for dead, however many leases pass", async () => {
    const clock = fakeClock({ patience: 20 });
    await using errand = inlineErrand({ clock });
    const door = gate();
    const task = errand.task({ name: "slow", timeout: "2h", run: () => door.opened });
    const run = await task.start(null);
    await clock.advance("50m");
    expect(await snapshot(errand, run)).toMatchObject({ state: "in_progress", attempt: 1 });
    door.open();
    await clock.advance(0);
    expect(await snapshot(errand, run)).toMatchObject({ state: "succeeded", attempt: 1, ended: clock.now() });
  });

  test("that is at work in a long span is watched over as closely as in life", async () => {
    const clock = fakeClock({ patience: 20 });
    await using errand = inlineErrand({ clock, lease: "30ms", sweepEvery: "100ms" });
    const door = gate();
    const task = errand.task({ name: "slow", run: () => door.opened });
    await errand.start();
    await clock.advance(5);
    const run = await task.start(null);
    await clock.advance("25s");
    expect(await snapshot(errand, run)).toMatchObject({ state: "in_progress", attempt: 1 });
    door.open();
    await clock.advance(0);
    expect((await snapshot(errand, run)).state).toBe("succeeded");
  });

  test("that is at work in real time is waited for, and not timed out by a long span", async () => {
    const clock = fakeClock({ patience: "10s" });
    await using errand = inlineErrand({ clock });
    const task = errand.task({ name: "works", timeout: "1h", run: () => promisify(execFile)(process.execPath, ["--version"]).then(() => "done") });
    const begin = clock.now() + 3_600_000;
    const { id } = await task.start(null, { runAt: new Date(begin) });
    await clock.advance("1d");
    expect(await snapshot(errand, { id })).toMatchObject({ state: "succeeded", result: "done", started: begin, ended: begin });
  });

  test("that does not heed its cancel is ended when its grace is over", async () => {
    const clock = fakeClock({ patience: 20 });
    await using errand = inlineErrand({ clock, cancelGrace: "20s", log: keptLog() });
    const door = gate();
    const begun = gate();
    const task = errand.task({
      name: "deaf",
      run: async () => {
        begun.open();
        await door.opened;
      },
    });
    const run = await task.start(null);
    await begun.opened;
    expect((await run.cancel()).state).toBe("canceling");
    await clock.advance("15s");
    expect((await snapshot(errand, run)).state).toBe("canceling");
    await clock.advance("10s");
    expect((await snapshot(errand, run)).state).toBe("canceled");
    door.open();
  });

  test("that has ended is purged with its files when it is too old", async () => {
    const clock = fakeClock({ patience: "10s" });
    await using errand = inlineErrand({ clock, keep: "30d" });
    const task = errand.task({
      name: "leave",
      run: async (_, { artifacts }) => {
        await artifacts.append("report.txt", "All is well.");
      },
    });
    const run = await task.delay(null);
    const [artifact] = await errand.artifacts.list([run.id]);
    const stored = async () => (await errand.storage.list("artifacts")).includes(run.id);
    await clock.advance("29d");
    expect([(await snapshot(errand, run)).state, await stored()]).toEqual(["succeeded", true]);
    await clock.advance("2d");
    expect([await errand.get(run.id), await stored()]).toEqual([null, false]);
    expect(await errand.artifacts.get(artifact?.id as string)).toBeNull();
  });

  test("that a durable listener did not hear is told again when its wait is over", async () => {
    const clock = fakeClock();
    await using errand = inlineErrand({ clock, log: keptLog() });
    const [refused, heard] = [gate(), gate<number>()];
    let tries = 0;
    errand.on(
      "userTaskStopped",
      () => {
        tries += 1;
        if (tries === 1) {
          refused.open();
          throw new Error("not now");
        }
        heard.open(clock.now());
      },
      { durable: true, name: "audit" },
    );
    const start = clock.now();
    await errand.task({ name: "t", run: () => null }).delay(null);
    await refused.opened;
    // How the telling went is noted a moment later; the clock stands still until then.
    while (tries === 1) await clock.advance("1s");
    expect((await heard.opened) - start).toBeGreaterThanOrEqual(1000);
  });
});

test("what refuses stays refused: a user error needs no time at all", async () => {
  const clock = fakeClock();
  await using errand = inlineErrand({ clock });
  const task = errand.task({ name: "refuse", retries: 5, run: () => Promise.reject(new UserError("Sold out.")) });
  expect((await task.delay(null)).run).toMatchObject({ state: "failed", attempt: 1, ended: clock.now() });
});

test("however a span is divided, every run begins at its own time, in order", async () => {
  const spans = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 4 });
  const delays = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(spans, delays, async (spans, delays) => {
      const clock = fakeClock({ start: noon });
      await using errand = inlineErrand({ clock });
      const begun: [wished: number, at: number][] = [];
      const task = errand.task({ name: "t", run: (wished) => void begun.push([wished as number, clock.now() - noon.getTime()]) });
      for (const delay of delays) await task.start(delay as never, { runAt: later(clock, delay) });
      for (const span of spans) await clock.advance(span);
      const passed = spans.reduce((sum, span) => sum + span, 0);
      expect(clock.now()).toBe(noon.getTime() + passed);
      const due = delays.filter((delay) => delay <= passed).sort((one, other) => one - other);
      expect(begun).toEqual(due.map((delay) => [delay, delay]));
    }),
    { numRuns: 25 },
  );
});

describe("the clock itself", () => {
  test("calls what is due in the order of its times, and nothing that was called off", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(100), fc.boolean()), { maxLength: 12 }), fc.nat(100), async (timers, span) => {
        const clock = fakeClock({ start: noon });
        const called: number[] = [];
        const stops = timers.map(([ms]) => clock.after(ms, () => called.push(clock.now() - noon.getTime())));
        for (const [index, [, stays]] of timers.entries()) if (!stays) stops[index]?.();
        await clock.advance(span);
        const due = timers.filter(([ms, stays]) => stays && ms <= span).map(([ms]) => ms);
        expect(called).toEqual(due.sort((one, other) => one - other));
      }),
      { numRuns: 60 },
    );
  });

  test("what a call begins within the span still comes, and what comes again comes at its times", async () => {
    const clock = fakeClock({ start: noon });
    const at: string[] = [];
    const note = (what: string) => at.push(`${what} ${clock.now() - noon.getTime()}`);
    const stop = clock.every(30, () => void note("again"));
    clock.after(40, () => {
      note("first");
      clock.after(20, () => note("second"));
    });
    await clock.advance(60);
    stop();
    await clock.advance(1000);
    expect(at).toEqual(["again 30", "first 40", "second 60", "again 60"]);
  });

  test("advances follow one another", async () => {
    const clock = fakeClock({ start: noon });
    const seen: number[] = [];
    clock.every(10, () => void seen.push(clock.now() - noon.getTime()));
    await Promise.all([clock.advance(20), clock.advance("15ms")]);
    expect([seen, clock.now() - noon.getTime()]).toEqual([[10, 20, 30], 35]);
  });

  test("tells its watchers that it has moved, until they stop", async () => {
    const clock = fakeClock({ start: noon });
    const seen: number[] = [];
    const stop = clock.watch(() => void seen.push(clock.now() - noon.getTime()));
    await clock.advance(10);
    await clock.advance(5);
    stop();
    await clock.advance(5);
    expect(seen).toEqual([10, 15]);
  });

  test("refuses what is no time", () => {
    expect(() => fakeClock({ start: new Date("never") })).toThrow("must be a valid Date");
    const clock = fakeClock();
    expect(() => clock.advance("soon" as never)).toThrow('The time to advance by must be a number of ms or a text such as "500ms"');
    expect(() => clock.advance(-1)).toThrow(RangeError);
  });
});
