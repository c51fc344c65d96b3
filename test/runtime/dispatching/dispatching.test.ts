import { describe, expect, test } from "vitest";
import { BrokerError, group } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { until } from "../../../src/testing/until.ts";
import { freshDatabase } from "../../support/temp.ts";
import { gate, keptLog, openErrand, untilEnded } from "../fixture.ts";
import { LossyBroker } from "./lossy-broker.ts";

const DOWN = new Error("The line is dead.");

/** An errand with a broker of the test's, and a task that does nothing. */
function setUp(options: Parameters<typeof openErrand>[0] = {}) {
  const broker = new LossyBroker();
  const log = keptLog();
  const errand = openErrand({ broker, log, sweepEvery: 50, ...options });
  return { broker, log, errand, task: errand.task({ name: "nothing", run: () => null }) };
}

const count = (broker: LossyBroker) => broker.calls.flat().length;

describe("dispatching", () => {
  test("the runs of one turn go to the broker together", async () => {
    const { broker, task } = setUp({ worker: false });
    await task.start(null);
    const runs = await Promise.all(Array.from({ length: 40 }, () => task.start(null)));
    await until("both calls were made", () => broker.calls.length === 2);
    expect(broker.calls.map((call) => call.length)).toEqual([1, 40]);
    expect(broker.calls[1]?.map(({ runId }) => runId)).toEqual(runs.map(({ id }) => id));
  });

  test("delay succeeds while the broker refuses; once it is back, the sweep dispatches what stands, once", async () => {
    const { broker, log, errand, task } = setUp();
    broker.refuses = DOWN;
    const runs = await Promise.all(Array.from({ length: 7 }, () => task.delay(null)));
    expect(runs.map(({ run }) => run.state)).toEqual(Array(7).fill("pending"));
    await until("the broker has refused", () => log.said(/did not take/).length > 0);
    expect(log.said(/did not take 7 deliveries/)[0]).toMatchObject({ level: "warn", fields: { broker: "lossy", error: DOWN, count: 7 } });
    broker.refuses = undefined;
    for (const { id } of runs) expect((await untilEnded(errand, id)).state).toBe("succeeded");
    expect(count(broker)).toBe(7);
  });

  test("a broker that has forgotten a long queue is given all of it again, each delivery once", async () => {
    const database = `file:${freshDatabase()}`;
    const { broker, task } = setUp({ database, worker: false, sweepEvery: "1h" });
    const runs = await Promise.all(Array.from({ length: 1200 }, (_, index) => task.start(null, { priority: index % 3 })));
    await until("all are dispatched", () => broker.held.size === runs.length);
    const dispatched = new Set(broker.held.keys());
    broker.held.clear();
    broker.calls.length = 0;
    const log = keptLog();
    await openErrand({ database, broker, log, worker: false, sweepEvery: 20, lease: 60 }).start();
    await until("all are dispatched again", () => broker.held.size === runs.length);
    const asked = broker.questions;
    await until("more sweeps have asked", () => broker.questions > asked + 5);
    expect(new Set(broker.held.keys())).toEqual(dispatched);
    expect(count(broker)).toBe(runs.length);
    expect(log.lines).toEqual([]);
  });

  test("what a dead worker's delivery locks is let go of", async () => {
    const file = freshDatabase();
    const { broker, errand, task } = setUp({ database: `file:${file}`, worker: false });
    const run = await task.start(null);
    const store = sqlite(file);
    const guard = { states: ["pending"] } as const;
    const set = { state: "in_progress", worker: "dead", lease: { fromNow: -1 }, timeoutAt: "from_timeout" } as const;
    await store.write([{ change: { id: run.id, guard, patch: { set, add: { attempt: 1 } } } }]);
    await store.close();
    await until("the sweep has mended it", async () => (await errand.get(run.id))?.state === "failed");
    expect(broker.released).toEqual([expect.objectContaining({ runId: run.id, attempt: 1 })]);
  });
});

describe("a broker that is required", () => {
  test("delay says that the broker refused, and nothing was started", async () => {
    const { broker, errand, task } = setUp({ requireBroker: true });
    broker.refuses = DOWN;
    const refused = await task.delay(null, { owner: "u1" }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BrokerError);
    expect(refused).toMatchObject({ code: "ERRAND_BROKER", cause: DOWN, message: expect.stringMatching(/^The broker lossy did not take the run/) });
    expect(await errand.list({}, { limit: 10 })).toEqual([]);
    broker.refuses = undefined;
    const run = await task.delay(null, { owner: "u1" });
    expect((await untilEnded(errand, run.id)).state).toBe("succeeded");
    expect((await errand.list({}, { limit: 10 })).map(({ id }) => id)).toEqual([run.id]);
  });

  test("neither were linked runs", async () => {
    const { broker, errand, task } = setUp({ requireBroker: true });
    broker.refuses = DOWN;
    await expect(group([task.with(null), task.with(null)]).delay()).rejects.toBeInstanceOf(BrokerError);
    expect(await errand.list({}, { limit: 10 })).toEqual([]);
    broker.refuses = undefined;
    expect(await (await group([task.with(null), task.with(null)]).delay()).result()).toEqual([null, null]);
  });

  test("a run that came through although the broker said no goes on", async () => {
    const ended = gate();
    const { broker, errand, task } = setUp({ requireBroker: true });
    errand.on("userTaskStopped", () => ended.open());
    broker.afterTaking = async () => {
      await ended.opened;
      throw DOWN;
    };
    const run = await task.start(null);
    expect((await untilEnded(errand, run.id)).state).toBe("succeeded");
  });
});
