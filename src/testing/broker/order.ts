import assert from "node:assert/strict";
import { until } from "../until.ts";
import type { BrokerTest, BrokerTraits } from "./broker-test.ts";
import { gate } from "./crew.ts";

/** Long enough for other runs to be done first, on a busy machine too; the test waits for it once. */
const SOON_MS = 800;

export function testOrder(it: BrokerTest, { features, inline = false }: BrokerTraits): void {
  if (features.includes("delay")) {
    it("a delivery that is to wait comes in its time, not before, and holds nobody up", async (crew) => {
      await crew.consume();
      const [late] = await crew.start({ name: "late", runAt: { fromNow: SOON_MS } });
      assert(late);
      const [prompt] = await crew.start({ name: "prompt" });
      assert(prompt);
      await crew.ended([late, prompt]);
      assert.deepEqual(crew.performed, [prompt.id, late.id]);
      const [run] = await crew.store.get([late.id]);
      assert((run?.started as number) >= late.runAt, "it was claimed by the store's clock at or after its time");
    });

    it("what was to wait before anybody consumed still waits", async (crew) => {
      const [late] = await crew.start({ runAt: { fromNow: SOON_MS } });
      assert(late);
      await crew.consume();
      await crew.flush();
      assert(!crew.performed.includes(late.id));
      await crew.ended([late]);
    });

    it("a delivery of the far future is no reason to come now", async (crew) => {
      await crew.consume();
      const [far] = await crew.start({ runAt: Date.UTC(2200, 0, 1) });
      await crew.flush();
      await crew.flush();
      assert(!crew.handed.some(({ runId }) => runId === far?.id));
    });
  }

  if (features.includes("priority") && !inline) {
    it("the most urgent is taken first, then the oldest", async (crew) => {
      const at = Date.UTC(2020, 0, 1);
      const [one, two, high, low] = await crew.start({ runAt: at }, { runAt: at }, { runAt: at, priority: 5 }, { runAt: at, priority: -5 });
      await crew.consume(undefined, { concurrency: 1 });
      await crew.ended([one, two, high, low] as { id: string }[]);
      assert.deepEqual(crew.performed, [high?.id, one?.id, two?.id, low?.id]);
    });

    it("one that is more urgent overtakes those that wait", async (crew) => {
      const { opened, open } = gate();
      await crew.consume(() => opened, { concurrency: 1 });
      const [first] = await crew.start({});
      await until("the first is under way", () => crew.performed.includes(first?.id as string));
      const waiting = await crew.start({}, {});
      const [urgent] = await crew.start({ priority: 9 });
      open();
      await crew.ended([...waiting, urgent as { id: string }]);
      assert.equal(crew.performed[1], urgent?.id);
    });
  }
}
