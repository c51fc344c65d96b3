import assert from "node:assert/strict";
import type { Broker } from "../../core/broker.ts";
import { deliveryOf, end, newRun } from "../fixtures.ts";
import type { BrokerTest, BrokerTraits } from "./broker-test.ts";

const FAR = { runAt: { fromNow: 3_600_000 } };

export function testWithdrawal(it: BrokerTest, { features, withdraws = false }: BrokerTraits): void {
  it("a run that was canceled and withdrawn is not performed", async (crew) => {
    const [canceled] = await crew.start({});
    assert(canceled);
    await end(crew.store, canceled, "canceled");
    await crew.broker.withdraw?.(deliveryOf(canceled));
    await crew.consume();
    await crew.flush();
    assert(!crew.performed.includes(canceled.id));
  });

  if (!withdraws) return;

  it("what nobody has taken can be withdrawn, once, and takes no other run's along", async (crew) => {
    const broker = crew.broker as Required<Broker>;
    const [first, second] = await crew.start({}, {});
    assert(first && second);
    assert.equal(await broker.withdraw(deliveryOf(first)), true);
    assert.equal(await broker.withdraw(deliveryOf(first)), false);
    assert.equal(await broker.withdraw({ ...deliveryOf(first), runId: newRun().id }), false);
    await crew.consume();
    await crew.flush();
    assert(!crew.handed.some(({ runId }) => runId === first.id));
    await crew.ended([second]);
  });

  if (!features.includes("delay")) return;

  it("what waits for its time can be withdrawn, before anybody consumes and after", async (crew) => {
    const broker = crew.broker as Required<Broker>;
    const [before] = await crew.start(FAR);
    assert(before);
    assert.equal(await broker.withdraw(deliveryOf(before)), true);
    await crew.consume();
    const [soon, far] = await crew.start({ runAt: { fromNow: 400 } }, FAR);
    assert(soon && far);
    for (const run of [soon, far]) assert.equal(await broker.withdraw(deliveryOf(run)), true);
    assert.equal(await broker.withdraw(deliveryOf(soon)), false);
    await crew.ended(await crew.start({ runAt: { fromNow: 450 } }));
    assert(!crew.handed.some(({ runId }) => runId === soon.id));
  });
}
