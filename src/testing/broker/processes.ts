import assert from "node:assert/strict";
import { until } from "../until.ts";
import type { BrokerTest } from "./broker-test.ts";
import { gate } from "./crew.ts";

export function testProcesses(it: BrokerTest): void {
  it("what one process dispatches, another performs, without being asked", async (web, another) => {
    const worker = await another();
    await worker.consume();
    const runs = [...(await web.start({}, {})), ...(await web.start({}))];
    await web.ended(runs);
    assert.deepEqual(worker.performed.sort(), runs.map(({ id }) => id).sort());
    assert.deepEqual(web.performed, []);
  });

  it("workers share the runs, and none is performed twice", async (web, another) => {
    const workers = [await another(), await another(), await another()];
    const release = gate();
    for (const worker of workers) await worker.consume(() => release.opened, { concurrency: 2 });
    const runs = await web.start(...Array.from({ length: 40 }, () => ({})));
    await until("every worker has its hands full", () => workers.every(({ performed }) => performed.length === 2));
    release.open();
    await web.ended(runs);
    const performed = workers.flatMap((worker) => worker.performed);
    assert.deepEqual(performed.sort(), runs.map(({ id }) => id).sort());
  });

  it("deliveries outlive the process that dispatched them", async (web, another) => {
    const runs = await web.start({}, {});
    await web.broker.close();
    const worker = await another();
    await worker.consume();
    await worker.ended(runs);
  });

  it("what a process had no time for is performed by another", async (web, another) => {
    const [first, second] = [await another(), await another()];
    const { opened, open } = gate();
    const consumer = await first.consume(() => opened, { concurrency: 1 });
    const runs = await web.start({}, {}, {});
    await until("one delivery is under way", () => first.performed.length === 1);
    const stopped = consumer.stop();
    await second.consume();
    await until("the other two were performed", () => second.performed.length === 2);
    open();
    await stopped;
    await web.ended(runs);
  });

  it("a queue of its own is left to those who take it", async (web, another) => {
    const [mail, pdf] = [await another(), await another()];
    await mail.consume(undefined, { queues: ["mail"] });
    await pdf.consume(undefined, { queues: ["pdf"] });
    await web.ended(await web.start({ queue: "mail" }, { queue: "pdf" }, { queue: "pdf" }));
    assert.deepEqual([mail.performed.length, pdf.performed.length], [1, 2]);
  });
}
