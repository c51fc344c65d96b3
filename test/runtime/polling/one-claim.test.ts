import { StatementSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createErrand } from "../../../src/index.ts";
import { freshDatabase } from "../../support/temp.ts";
import { openPolling } from "./fixture.ts";

const { errand, polling, add } = openPolling(freshDatabase(), { worker: false });

beforeAll(() => errand.start());
afterAll(() => errand.close({ grace: 0 }));

test("of many in one process that ask for the same at once, one goes to the store to begin", async () => {
  const all = vi.spyOn(StatementSync.prototype, "all");
  try {
    const asked = await Promise.all(Array.from({ length: 50 }, () => polling.checkStatusOrBegin(add, { input: { x: 3, y: 5 }, pollingUrl: "/many/" })));
    expect(asked.filter(({ began }) => began)).toHaveLength(1);
    expect(new Set(asked.map(({ runId }) => runId)).size).toBe(1);
    const inserts = all.mock.contexts.filter((statement) => (statement as StatementSync).sourceSQL.startsWith('insert into "errand_runs"'));
    expect(inserts).toHaveLength(1);
  } finally {
    all.mockRestore();
  }
});

test("different addresses and owners are begun side by side", async () => {
  const asks = ["/a/", "/b/"].flatMap((pollingUrl) => ["u1", "u2"].map((owner) => ({ pollingUrl, owner })));
  const asked = await Promise.all(asks.map((ask) => polling.checkStatusOrBegin(add, { input: { x: 3, y: 5 }, ...ask })));
  expect(asked.every(({ began }) => began)).toBe(true);
  expect(new Set(asked.map(({ runId }) => runId)).size).toBe(4);
});

test("who fails to begin stands in nobody's way", async () => {
  const other = createErrand({ database: `file:${freshDatabase()}`, broker: "database", worker: false, log: errand.log });
  let names = 0;
  const task = other.task({
    name: "named",
    generateName: () => {
      names += 1;
      if (names <= 2) throw new Error("no name yet");
      return `name ${names}`;
    },
    run: () => null,
  });
  try {
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => other.polling.checkStatusOrBegin(task, { input: null, pollingUrl: "/named/" })));
    expect(asked.map(({ status }) => status).sort()).toEqual([...Array(4).fill("fulfilled"), "rejected", "rejected"]);
    expect(await other.list({}, { limit: 9 })).toMatchObject([{ name: "name 3" }]);
  } finally {
    await other.close({ grace: 0 });
  }
});

test("a wish for a newer result is not lost with one that failed to begin", async () => {
  const other = createErrand({ database: `file:${freshDatabase()}`, broker: "none", log: errand.log });
  let names = 0;
  const task = other.task({
    name: "named",
    generateName: () => {
      names += 1;
      if (names === 2) throw new Error("no name now");
      return `name ${names}`;
    },
    run: () => null,
  });
  const options = { pollingUrl: "/named/", input: () => undefined };
  try {
    const { run } = await other.polling.ask(task, options);
    await other.wait(run.id, { timeout: 10_000 });
    const asked = await Promise.allSettled([1, 2].map(() => other.polling.ask(task, { ...options, refresh: true })));
    expect(asked).toMatchObject([{ status: "rejected" }, { status: "fulfilled", value: { kind: "fresh", began: true, run: { id: run.id } } }]);
  } finally {
    await other.close({ grace: 0 });
  }
});
