import assert from "node:assert/strict";
import { change, claim, deliveryOf, newRun } from "../fixtures.ts";
import { until } from "../until.ts";
import type { BrokerTest, BrokerTraits } from "./broker-test.ts";
import { gate } from "./crew.ts";

export function testDeliveries(it: BrokerTest, { features, inline = false, withdraws = false }: BrokerTraits): void {
  it("the broker says what it can", async ({ broker }) => {
    assert.match(broker.name, /^[a-z][a-z-]*$/);
    assert.deepEqual([...broker.features].sort(), [...features].sort());
    assert.equal(broker.inline ?? false, inline);
    assert.equal(broker.withdraw !== undefined, withdraws);
  });

  it("a delivery reaches the handler as it was dispatched", async (crew) => {
    await crew.consume();
    const [run] = await crew.start({ queue: "mail'; --", priority: 7 });
    assert(run);
    await crew.ended([run]);
    assert.deepEqual(crew.handed[0], { runId: run.id, queue: "mail'; --", attempt: 1, priority: 7, runAt: run.runAt });
  });

  it("what was dispatched before anybody consumed is delivered then", async (crew) => {
    const runs = [...(await crew.start({}, {})), ...(await crew.start({}))];
    await crew.consume();
    await crew.ended(runs);
    assert.deepEqual(crew.performed.sort(), runs.map(({ id }) => id).sort());
  });

  it("of many deliveries each is performed, once", async (crew) => {
    await crew.consume(undefined, { concurrency: 7 });
    const runs = await crew.start(...Array.from({ length: 60 }, () => ({})));
    await crew.ended(runs);
    assert.deepEqual(crew.performed.sort(), runs.map(({ id }) => id).sort());
  });

  it("a delivery that was handled does not come again", async (crew) => {
    await crew.consume();
    const runs = await crew.start({}, {}, {});
    await crew.ended(runs);
    const count = crew.handed.length;
    for (let round = 0; round < 3; round += 1) await crew.flush();
    assert.equal(crew.handed.length, count + 3);
  });

  it("a delivery that is dispatched twice is performed once, and one of no run harms nobody", async (crew) => {
    await crew.consume();
    const [run] = await crew.start({});
    assert(run);
    await crew.broker.dispatch([deliveryOf(run), deliveryOf(run)]);
    await crew.broker.dispatch([deliveryOf({ id: newRun().id, queue: "default", attempt: 0, priority: 0, runAt: 0 })]);
    await crew.broker.dispatch([]);
    await crew.ended([run]);
    await crew.broker.dispatch([deliveryOf(run)]);
    await crew.flush();
    assert.equal(crew.performed.filter((id) => id === run.id).length, 1);
  });

  it("the next attempt of a run is delivered as such", async (crew) => {
    await crew.consume(async (run) => {
      if (run.attempt > 1) return;
      const set = { state: "retrying", worker: null, lease: null, timeoutAt: null, runAt: { fromNow: 0 } } as const;
      const retrying = await change(crew.store, run, { states: ["in_progress"] }, { set });
      assert(retrying);
      await crew.broker.dispatch([deliveryOf(retrying)]);
    });
    const [run] = await crew.start({});
    assert(run);
    await crew.ended([run]);
    const attempts = crew.handed.map(({ attempt }) => attempt);
    assert.deepEqual([...new Set(attempts)], [1, 2]);
    assert.equal((await crew.store.get([run.id]))[0]?.attempt, 2);
  });

  it("a run that somebody else took meanwhile is left alone", async (crew) => {
    const [run] = await crew.start({});
    assert(run);
    await claim(crew.store, run, "somebody else");
    await crew.consume();
    await crew.flush();
    assert(!crew.performed.includes(run.id));
  });

  it("deliveries are handled side by side", async (crew) => {
    const { opened, open } = gate();
    await crew.consume(() => opened, { concurrency: 4 });
    const runs = await crew.start({}, {}, {}, {});
    await until("four deliveries are under way", () => crew.performed.length === 4);
    open();
    await crew.ended(runs);
  });

  if (inline) {
    it("a run may wait for another that it started, whatever the concurrency", async (crew) => {
      await crew.consume(
        async (run) => {
          if (run.task === "outer") await crew.ended(await crew.start({ task: "inner", queue: "another" }));
        },
        { concurrency: 1, queues: ["default"] },
      );
      await crew.ended(await crew.start({ task: "outer" }, { task: "outer" }));
      assert.equal(crew.performed.length, 4);
    });
    return;
  }

  it("no more are under way than the consumer asked for", async (crew) => {
    await crew.consume(() => new Promise((done) => setImmediate(done)), { concurrency: 3 });
    await crew.ended(await crew.start(...Array.from({ length: 30 }, () => ({}))));
    assert(crew.most <= 3, `${crew.most} deliveries were under way at once`);
    assert.equal(crew.performed.length, 30);
  });

  it("a long one takes a place of its own and no other", async (crew) => {
    const { opened, open } = gate();
    await crew.consume((run) => (run.task === "long" ? opened : undefined), { concurrency: 2 });
    const [long] = await crew.start({ task: "long" });
    assert(long);
    await until("the long one is under way", () => crew.performed.includes(long.id));
    await crew.ended(await crew.start(...Array.from({ length: 10 }, () => ({}))));
    assert(crew.most <= 2);
    open();
    await crew.ended([long]);
  });

  it("a consumer takes from its queues only", async (crew) => {
    const runs = await crew.start({ queue: "mail" }, { queue: "pdf" }, { queue: "mail" }, { queue: "MAIL" });
    const [mail, , again] = runs as [{ id: string }, unknown, { id: string }];
    const consumer = await crew.consume(undefined, { queues: ["mail", "none"] });
    await crew.ended([mail, again]);
    await crew.flush({ queue: "mail" });
    assert.deepEqual(new Set(crew.handed.map(({ queue }) => queue)), new Set(["mail"]));
    await consumer.stop();
    await crew.consume();
    await crew.ended(runs);
  });
}
