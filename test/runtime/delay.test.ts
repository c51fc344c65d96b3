import { describe, expect, test } from "vitest";
import { z } from "zod";
import { inProcess } from "../../src/brokers/in-process.ts";
import { ConfigurationError, InvalidInputError, InvalidJsonError, type StoreError } from "../../src/core/errors.ts";
import type { Run } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { freshDatabase } from "../support/temp.ts";
import { gate, keptLog, openErrand, until } from "./fixture.ts";

const double = { name: "double", input: z.object({ n: z.number() }), run: ({ n }: { n: number }) => n * 2 };

describe("with no broker", () => {
  test("delay returns when the run has ended, start when it is stored", async () => {
    const errand = openErrand();
    const go = gate();
    const waits = errand.task({ name: "waits", run: () => go.opened.then(() => "done") });
    const started = await waits.start(null);
    expect(started.run.state).toBe("pending");
    let ended = false;
    const delayed = waits.delay(null).finally(() => {
      ended = true;
    });
    await until(errand, started.id, (run) => run.state === "in_progress");
    expect(ended).toBe(false);
    go.open();
    expect((await delayed).run).toMatchObject({ state: "succeeded", result: "done" });
    expect(await started.result()).toBe("done");
  });

  test("a run that waits for its time is returned at once, and is not begun before", async () => {
    const errand = openErrand();
    const task = errand.task({ name: "later", run: () => Date.now() });
    const runAt = new Date(Date.now() + 400);
    const run = await task.delay(null, { runAt });
    expect(run.run).toMatchObject({ state: "pending", runAt: runAt.getTime() });
    expect(await run.result()).toBeGreaterThanOrEqual(runAt.getTime());
  });

  test("a run may start another and wait for its end", async () => {
    const errand = openErrand();
    const inner = errand.task(double);
    const outer = errand.task({ name: "outer", run: async () => (await inner.delay({ n: 2 })).result() });
    expect(await (await outer.delay(null)).result()).toBe(4);
  });
});

describe("with the broker database", () => {
  test("delay returns the pending run as soon as it is stored", async () => {
    const errand = openErrand({ broker: "database" });
    const go = gate();
    const task = errand.task({ name: "waits", run: () => go.opened.then(() => 7) });
    const run = await task.delay(null);
    expect(run.run).toMatchObject({ state: "pending", attempt: 0, rev: 1, started: null });
    go.open();
    expect(await run.result()).toBe(7);
  });

  test("with the worker off nothing is begun, until there is work", async () => {
    const errand = openErrand({ broker: "database", worker: false });
    const begun: string[] = [];
    const task = errand.task({ name: "note", input: z.string(), run: (what) => void begun.push(what) });
    const low = await task.delay("low", { priority: -1 });
    await task.delay("first");
    await task.delay("second");
    await task.delay("urgent", { priority: 5 });
    const other = await task.delay("other queue", { queue: "slow" });
    const work = await errand.work({ concurrency: 1, queues: ["default"] });
    await low.ended();
    expect(begun).toEqual(["urgent", "first", "second", "low"]);
    expect(await errand.get(other.id)).toMatchObject({ state: "pending", queue: "slow" });
    await work.stop();
  });

  test("no more are under way than the concurrency says", async () => {
    const errand = openErrand({ broker: "database", worker: { concurrency: 2 } });
    let underWay = 0;
    let most = 0;
    const task = errand.task({
      name: "counts",
      run: async (_, { status }) => {
        most = Math.max(most, ++underWay);
        await status.setState("here");
        underWay -= 1;
      },
    });
    const runs = await Promise.all(Array.from({ length: 8 }, () => task.delay(null)));
    await Promise.all(runs.map((run) => run.ended()));
    expect(most).toBe(2);
  });
});

describe("what a run begins with", () => {
  test("its name and its steps are computed from the input that the schema read", async () => {
    const errand = openErrand();
    const task = errand.task({
      name: "export",
      input: z.object({ n: z.string().transform(Number) }),
      generateName: async ({ n }) => `Export of ${n + 1}`,
      calculateTotalSteps: async ({ n }) => n,
      run: ({ n }) => n,
    });
    const { run } = await task.delay({ n: "41" });
    expect(run).toMatchObject({ name: "Export of 42", totalSteps: 41, completedSteps: 41, result: 41 });
  });

  test("without them it bears the task's name and counts one step", async () => {
    const task = openErrand().task(double);
    expect((await task.start({ n: 1 })).run).toMatchObject({
      task: "double",
      name: "double",
      totalSteps: 1,
      completedSteps: 0,
      owner: null,
      queue: "default",
      priority: 0,
      parent: null,
    });
  });

  test("options lie over the task's own", async () => {
    const errand = openErrand({ broker: "database", worker: false });
    const task = errand.task({ ...double, queue: "doubles", generateName: () => "generated" });
    const id = errand.newRunId();
    const { run } = await task.delay({ n: 1 }, { id, owner: "u42", name: "Mine", queue: "mine", priority: 3 });
    expect(run).toMatchObject({ id, owner: "u42", name: "Mine", queue: "mine", priority: 3 });
    expect((await task.delay({ n: 1 })).run).toMatchObject({ queue: "doubles", name: "generated" });
  });

  test("a long name is cut, not refused", async () => {
    const task = openErrand().task({ name: "t", generateName: () => "x".repeat(300), run: () => null });
    expect((await task.delay(null)).run.name).toBe("x".repeat(255));
  });
});

describe("refused, and nothing is stored", () => {
  const cases: [string, (task: { start(input: unknown, options?: object): Promise<unknown> }) => Promise<unknown>, new (...args: never[]) => Error, string][] =
    [
      [
        "an input that does not fit",
        (task) => task.start({ n: "x" }),
        InvalidInputError,
        "The input of task double is not valid: n: Invalid input: expected number, received string",
      ],
      ["an input that is missing", (task) => task.start(undefined), InvalidInputError, "The input of task double is not valid: Invalid input"],
      [
        "an input that is no JSON",
        (task) => task.start({ n: 1, at: [new Date(0)] }),
        InvalidJsonError,
        'The input of task double is no JSON: found a Date at "at[0]".',
      ],
      [
        "an input over 1 MiB",
        (task) => task.start({ n: 1, text: "x".repeat(1_100_000) }),
        InvalidJsonError,
        "Upload the large part as a file, or pass its id.",
      ],
      ["an id that is no UUIDv7", (task) => task.start({ n: 1 }, { id: "../x" }), ConfigurationError, 'must come from errand.newRunId(), but is "../x"'],
      ["an empty owner", (task) => task.start({ n: 1 }, { owner: "" }), ConfigurationError, "The owner of a run must be a text of 1 to 255 characters"],
      ["a queue that is too long", (task) => task.start({ n: 1 }, { queue: "q".repeat(256) }), ConfigurationError, "The queue of a run must be a text"],
      ["a priority that is too high", (task) => task.start({ n: 1 }, { priority: 40_000 }), RangeError, "from -32767 to 32767, but is 40000"],
      ["a time that is none", (task) => task.start({ n: 1 }, { runAt: new Date("soon") }), RangeError, "runAt must be a valid Date"],
    ];
  test.each(cases)("%s", async (_what, start, kind, message) => {
    const store = sqlite(":memory:");
    const errand = openErrand({ database: store });
    const refused = start(errand.task(double) as never);
    await expect(refused).rejects.toThrow(kind);
    await expect(refused).rejects.toThrow(message);
    await errand.start();
    expect(await store.list({}, { limit: 10 })).toEqual([]);
  });

  test("an input says of each field what is wrong with it", async () => {
    const task = openErrand().task({ name: "t", input: z.object({ a: z.number(), b: z.array(z.object({ c: z.string() })) }), run: () => null });
    const error = await task.start({ a: "x", b: [{ c: "ok" }, { c: 1 }] } as never).catch((error: InvalidInputError) => error);
    expect((error as InvalidInputError).issues.map(({ path }) => path)).toEqual(["a", "b.1.c"]);
  });

  test.each([-1, 1.5, Number.NaN])("a number of steps of %d", async (steps) => {
    const task = openErrand().task({ name: "t", calculateTotalSteps: () => steps, run: () => null });
    await expect(task.start(null)).rejects.toThrow(`calculateTotalSteps of task t must be a whole number of 0 or more, but is ${steps}.`);
  });

  test("an error of generateName reaches whoever starts the run", async () => {
    const task = openErrand().task({ name: "t", generateName: () => Promise.reject(new Error("no such course")), run: () => null });
    await expect(task.start(null)).rejects.toThrow("no such course");
  });

  test("an id that there is already", async () => {
    const errand = openErrand();
    const task = errand.task(double);
    const id = errand.newRunId();
    const first = await task.delay({ n: 1 }, { id });
    const error = await task.delay({ n: 2 }, { id }).catch((error: StoreError) => error);
    expect(error).toMatchObject({ code: "ERRAND_STORE", failure: "conflict" });
    expect(await errand.get(id)).toEqual(first.run);
  });
});

test("two tasks of one name are refused", () => {
  const errand = openErrand();
  errand.task(double);
  expect(() => errand.task({ ...double })).toThrow(
    new ConfigurationError('Two tasks are named "double". Rows and deliveries find a task by its name: give one of them another.'),
  );
});

test("a run of which another one of the same turn is refused is stored all the same", async () => {
  const errand = openErrand({ broker: "database", worker: false });
  const task = errand.task(double);
  const id = errand.newRunId();
  const starts = await Promise.allSettled([task.delay({ n: 1 }, { id }), task.delay({ n: 2 }, { id }), task.delay({ n: 3 })]);
  expect(starts.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("a broker that cannot dispatch loses no run: it is started, and the sweep dispatches it", async () => {
  const working = inProcess();
  let down = true;
  const broker = {
    ...working,
    name: "flaky",
    inline: false,
    dispatch: async (deliveries: Parameters<typeof working.dispatch>[0]) => (down ? Promise.reject(new Error("down")) : working.dispatch(deliveries)),
  };
  const log = keptLog();
  const errand = openErrand({ broker, log, lease: "2s", sweepEvery: "20ms" });
  const run: { id: string; run: Run; ended(): Promise<Run> } = await errand.task(double).delay({ n: 4 });
  expect(run.run.state).toBe("pending");
  await expect.poll(() => log.said(/did not take/)).not.toEqual([]);
  expect(log.said(/did not take a delivery; the sweep will try again/)).toMatchObject([{ level: "warn", fields: { runId: run.id, broker: "flaky" } }]);
  down = false;
  expect(await run.ended()).toMatchObject({ state: "succeeded", result: 8, attempt: 1 });
});

describe("configuration", () => {
  test.each([
    [{ database: "mysql://u:secret@h/d" }, 'The database address "mysql://…@h/d" is not known.'],
    [{ broker: "amqp://u:secret@h" }, 'The broker "amqp://…@h" is not known.'],
    [{ storage: "s4://u:secret@h" }, 'The storage address "s4://…@h" is not known.'],
    [{ broker: "redis://u:secret@queue.example:6379" }, "The broker at queue.example carries runs to other machines"],
    [{ broker: "redis://u:secret@one:7000,two:7000" }, "Use a PostgreSQL database"],
    [{ broker: "postgres://u:secret@db.example/app" }, "The broker at db.example carries runs to other machines"],
  ])("%j is refused at the first use, without its password", async (options, message) => {
    const refused = openErrand({ database: `file:${freshDatabase()}`, ...options }).start();
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(message);
  });

  test.each([
    [{ lease: "soon" }, "lease must be"],
    [{ cancelGrace: -1 }, "cancelGrace must be"],
    [{ sweepEvery: "x" }, "sweepEvery must be"],
    [{ broker: "database", worker: { concurrency: 0 } }, "A worker's concurrency must be a whole number of 1 or more, but is 0."],
    [{ secret: "short" }, "A signing secret must have 16 characters or more"],
  ])("%j is refused at once", (options, message) => {
    expect(() => openErrand(options as never)).toThrow(message);
  });

  test("work is refused where every process performs its own runs", async () => {
    await expect(openErrand().work()).rejects.toThrow('With the broker "none" every process performs the runs that it starts');
  });

  test("the environment says what the options do not", async () => {
    const file = freshDatabase();
    const before = { ...process.env };
    Object.assign(process.env, { ERRAND_DATABASE_URL: `file:${file}`, ERRAND_BROKER_URL: "database", ERRAND_WORKER: "off" });
    try {
      const errand = openErrand({ database: undefined, broker: undefined });
      const run = await errand.task(double).delay({ n: 1 });
      expect(errand.inline).toBe(false);
      expect(await openErrand({ database: `file:${file}` }).get(run.id)).toMatchObject({ state: "pending" });
      process.env.ERRAND_WORKER = "maybe";
      expect(() => openErrand({ broker: "database" })).toThrow('ERRAND_WORKER must be "on" or "off", but is "maybe".');
    } finally {
      process.env = before;
    }
  });

  test("a signing secret is made once for everyone who shares the store, and those given come first", async () => {
    const file = freshDatabase();
    const [one] = await openErrand({ database: `file:${file}` }).secrets();
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(await openErrand({ database: `file:${file}` }).secrets()).toEqual([one]);
    expect(await openErrand({ secret: "0123456789abcdef, fedcba9876543210" }).secrets()).toEqual(["0123456789abcdef", "fedcba9876543210"]);
  });
});
