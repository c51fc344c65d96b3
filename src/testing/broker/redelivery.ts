import assert from "node:assert/strict";
import { claim, end } from "../fixtures.ts";
import type { BrokerTest } from "./broker-test.ts";

export function testRedelivery(it: BrokerTest): void {
  it("a delivery whose handler rejects comes again, as it was", async (crew) => {
    const rejections = new Map<string, number>();
    await crew.handle(async ({ runId }) => {
      const count = (rejections.get(runId) ?? 0) + 1;
      rejections.set(runId, count);
      if (count < 3) throw new Error("The store was busy.");
      const [run] = await crew.store.get([runId]);
      const claimed = run && (await claim(crew.store, run));
      if (claimed) await end(crew.store, claimed);
    });
    const [run] = await crew.start({ queue: "mail", priority: 3 });
    assert(run);
    await crew.ended([run]);
    assert(crew.handed.length >= 3);
    for (const { runId, queue, attempt, priority } of crew.handed)
      assert.deepEqual({ runId, queue, attempt, priority }, { runId: run.id, queue: "mail", attempt: 1, priority: 3 });
  });

  it("one that is rejected over and over holds the others up no more than its own place does", async (crew) => {
    let isBroken = true;
    await crew.handle(
      async ({ runId }) => {
        const [run] = await crew.store.get([runId]);
        if (!run) return;
        if (run.task === "broken" && isBroken) throw new Error("The store was busy.");
        const claimed = await claim(crew.store, run);
        if (claimed) await end(crew.store, claimed);
      },
      { concurrency: 2 },
    );
    const [broken] = await crew.start({ task: "broken", priority: 9 });
    assert(broken);
    await crew.ended(await crew.start(...Array.from({ length: 10 }, () => ({}))));
    assert.equal((await crew.store.get([broken.id]))[0]?.state, "pending");
    isBroken = false;
    await crew.ended([broken]);
  });
}
