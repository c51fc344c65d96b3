import assert from "node:assert/strict";
import { deliveryOf } from "../fixtures.ts";
import { until } from "../until.ts";
import type { BrokerTest, BrokerTraits } from "./broker-test.ts";
import { gate } from "./crew.ts";

/** A few turns of the event loop: enough for a mistake that is about to happen to happen. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
}

export function testClosing(it: BrokerTest, { inline = false }: BrokerTraits): void {
  it("stop waits for what is under way, however often it is called, and lets it work in peace", async (crew) => {
    const { opened, open } = gate();
    const signals: AbortSignal[] = [];
    const consumer = await crew.consume((_run, signal) => {
      signals.push(signal);
      return opened;
    });
    const runs = await crew.start({}, {});
    await until("both deliveries are under way", () => crew.performed.length === 2);
    let stopped = 0;
    const stops = [consumer.stop(), consumer.stop()].map((stop) => stop.then(() => (stopped += 1)));
    await turns();
    assert.equal(stopped, 0, "stop resolved while two deliveries were under way");
    assert(signals.length === 2 && signals.every(({ aborted }) => !aborted), "stop fired the signal of a handler, which only close may");
    open();
    await Promise.all(stops);
    await crew.ended(runs);
    assert.equal(crew.underWay, 0);
  });

  it("a consumer that was stopped takes no more, and leaves the rest to the next", async (crew) => {
    const { opened, open } = gate();
    const consumer = await crew.consume(() => opened, { concurrency: 1 });
    const before = await crew.start({});
    await until("a delivery is under way", () => crew.performed.length === 1);
    const stopped = consumer.stop();
    const after = await crew.start({}, {});
    open();
    await stopped;
    await turns();
    assert.equal(crew.handed.length, 1);
    await crew.consume();
    await crew.ended([...before, ...after]);
    assert.equal(crew.performed.length, 3);
  });

  it("what waited for its time when its consumer stopped reaches the next", async (crew) => {
    const consumer = await crew.consume();
    const runs = await crew.start({ runAt: { fromNow: 300 } });
    await consumer.stop();
    await crew.consume();
    await crew.ended(runs);
  });

  it("a delivery that was rejected while its consumer stopped reaches the next", async (crew) => {
    const { opened, open } = gate();
    const consumer = await crew.handle(async () => {
      await opened;
      throw new Error("The store was busy.");
    });
    const runs = await crew.start({});
    await until("a delivery is under way", () => crew.handed.length === 1);
    const stopped = consumer.stop();
    open();
    await stopped;
    await crew.consume();
    await crew.ended(runs);
  });

  it("close fires the signals of what is under way, and waits for it", async (crew) => {
    const { opened, open } = gate();
    let signal: AbortSignal | undefined;
    await crew.consume((_run, given) => {
      signal = given;
      return opened;
    });
    const runs = await crew.start({});
    await until("a delivery is under way", () => signal !== undefined);
    assert.equal(signal?.aborted, false);
    let closed = 0;
    const closing = [crew.broker.close(), crew.broker.close()].map((close) => close.then(() => (closed += 1)));
    await turns();
    assert.equal(signal?.aborted, true);
    assert.equal(closed, 0, "close resolved while a delivery was under way");
    open();
    await Promise.all(closing);
    await crew.ended(runs);
  });

  it("close fires the signals of a consumer that is stopping, too", async (crew) => {
    const { opened, open } = gate();
    let signal: AbortSignal | undefined;
    const consumer = await crew.consume((_run, given) => {
      signal = given;
      return opened;
    });
    await crew.start({});
    await until("a delivery is under way", () => signal !== undefined);
    const stopped = consumer.stop();
    const closed = crew.broker.close();
    await turns();
    assert.equal(signal?.aborted, true);
    open();
    await Promise.all([stopped, closed]);
  });

  it("after close nothing is handed out", async (crew) => {
    await crew.consume();
    const [late] = await crew.start({ runAt: { fromNow: 30 } });
    assert(late);
    await crew.broker.close();
    const [run] = await crew.store.write([{ change: { id: late.id, guard: { states: ["pending"] }, patch: { set: { runAt: { fromNow: -1 } } } } }]);
    assert(run && !(run instanceof Error));
    await crew.broker.dispatch([deliveryOf(run)]).catch(() => undefined);
    await turns();
    assert.deepEqual(crew.handed, []);
    // It may refuse, but not consume.
    const consumer = await crew.consume().catch(() => undefined);
    await turns();
    await consumer?.stop();
    assert.deepEqual(crew.handed, []);
  });

  it("closing before first use, and again, is no error", async (crew, another) => {
    await crew.broker.close();
    await crew.broker.close();
    const unused = await another();
    await unused.broker.close();
    const used = await another();
    const consumer = await used.consume();
    await used.broker.close();
    await consumer.stop();
    await used.broker.close();
  });

  if (!inline) {
    it("two consumers of one process share the work", async (crew) => {
      const one = await crew.consume(undefined, { concurrency: 2, queues: ["mail"] });
      await crew.consume(undefined, { concurrency: 2, queues: ["pdf"] });
      await crew.ended(await crew.start({ queue: "mail" }, { queue: "pdf" }));
      await one.stop();
      await crew.ended(await crew.start({ queue: "pdf" }));
      await crew.start({ queue: "mail" });
      await crew.flush({ queue: "pdf" });
      assert.equal(crew.performed.length, 4, "the one that was stopped left its queue alone");
    });
  }
}
