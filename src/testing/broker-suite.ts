import type { Broker } from "../core/broker.ts";
import type { Store } from "../core/store.ts";
import type { BrokerTest, BrokerTraits } from "./broker/broker-test.ts";
import { testClosing } from "./broker/closing.ts";
import { Crew } from "./broker/crew.ts";
import { testDeliveries } from "./broker/deliveries.ts";
import { testOrder } from "./broker/order.ts";
import { testProcesses } from "./broker/processes.ts";
import { testRedelivery } from "./broker/redelivery.ts";
import { testWithdrawal } from "./broker/withdrawal.ts";
import type { TestFunctions } from "./test-functions.ts";

/** What one process holds: its broker, and the store that its runs stand in. */
export interface BrokerProcess {
  readonly broker: Broker;
  readonly store: Store;
}

/** An empty queue, and an empty store, of one test's own. */
export interface BrokerPlace {
  /** What another process would have: handles of its own on the same queue and the same store. The suite closes both. */
  open(): BrokerProcess | Promise<BrokerProcess>;
  /** Removes it all; every handle is closed by then. */
  remove?(): Promise<void> | void;
}

/**
 * Registers the tests that every `Broker` that consumes passes. Each delivery belongs to a run in a store, and a handler claims that run as
 * a worker does: so a test sees what users would see, and a duplicate delivery is as harmless as it is in life. A broker that is not
 * the store itself may be tested with any store, such as SQLite in memory.
 *
 * ```ts
 * testBroker({ describe, test }, "my broker", { features: ["durable", "delay"] }, async () => {
 *   const [queue, database] = [freshQueue(), freshDatabase()];
 *   return { open: () => ({ broker: myBroker(queue), store: sqlite(database) }) };
 * });
 * ```
 */
export function testBroker({ describe, test }: TestFunctions, name: string, traits: BrokerTraits, place: () => BrokerPlace | Promise<BrokerPlace>): void {
  const it: BrokerTest = (title, body) => {
    test(title, async () => {
      const { open, remove } = await place();
      const crews: Crew[] = [];
      const another = async () => {
        const crew = new Crew(await open());
        crews.push(crew);
        await crew.store.migrate();
        return crew;
      };
      try {
        await body(await another(), another);
      } finally {
        for (const { broker } of crews) await broker.close();
        for (const { store } of crews) await store.close();
        await remove?.();
      }
    });
  };
  describe(`broker ${name}`, () => {
    describe("deliveries", () => testDeliveries(it, traits));
    describe("order and time", () => testOrder(it, traits));
    describe("redelivery", () => testRedelivery(it));
    describe("withdrawal", () => testWithdrawal(it, traits));
    describe("stopping and closing", () => testClosing(it, traits));
    // Without durability nothing leaves the process.
    if (traits.features.includes("durable")) describe("several processes", () => testProcesses(it));
  });
}
