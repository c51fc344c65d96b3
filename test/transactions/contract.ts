import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { ConfigurationError, createErrand, RunFailedError, type RunHandle, type Transaction } from "../../src/index.ts";
import { keptLog } from "../runtime/fixture.ts";
import type { AppClient } from "./app-client.ts";

/** A database of the app, in which the errand keeps its runs too. */
export interface AppDatabase {
  readonly url: string;
  connect(): AppClient;
  /** Codes of the orders that are committed. */
  orders(): Promise<string[]>;
}

/** What every client must make true. */
export function testTransactions(place: () => AppDatabase): void {
  let bench: ReturnType<typeof workbench>;
  beforeAll(async () => {
    bench = workbench(place(), "none");
    await bench.errand.start();
  });
  afterAll(() => bench.close());

  test("a commit lets the run begin, in this process", () => commits(bench, "A1"));

  test("a commit lets the run begin, with a broker", async () => {
    const queued = workbench(place(), "database");
    try {
      await commits(queued, "B1");
    } finally {
      await queued.close();
    }
  });

  test("a rollback leaves nothing of the run", async () => {
    const { errand, bill, ran, app } = bench;
    const begun: RunHandle[] = [];
    const failing = app.transaction(async ({ transaction, run }) => {
      await run("INSERT INTO orders (code) VALUES ('C1')");
      begun.push(await bill.delay("C1", { transaction, owner: "C" }), await bill.start("C2", { transaction, owner: "C" }));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    for (const started of begun) {
      await expect(started.result()).rejects.toThrow(/never began: the transaction .* was rolled back/);
      await expect(started.ended()).rejects.toBeInstanceOf(RunFailedError);
      await expect(started.cancel()).rejects.toBeInstanceOf(RunFailedError);
      expect(await errand.get(started.id)).toBeNull();
    }
    expect(await place().orders()).not.toContain("C1");
    expect(ran).not.toContain("C1");
  });

  test("an error of the app's own statement takes the run along", async () => {
    const { errand, bill, app } = bench;
    await app.transaction(({ run }) => run("INSERT INTO orders (code) VALUES ('D1')"));
    const begun: RunHandle[] = [];
    const failing = app.transaction(async ({ transaction, run }) => {
      begun.push(await bill.delay("D2", { transaction, owner: "D" }));
      await run("INSERT INTO orders (code) VALUES ('D1')");
    });
    await expect(failing).rejects.toThrow();
    await expect(begun[0]?.result()).rejects.toThrow(/rolled back/);
    expect(await errand.list({ owner: "D" }, { limit: 10 })).toEqual([]);
  });

  test("what is begun in one transaction begins together; the next one stands for itself", async () => {
    const { errand, bill, ran, app } = bench;
    const begun: RunHandle[] = [];
    await app.transaction(async ({ transaction, run }) => {
      await run("INSERT INTO orders (code) VALUES ('E1'), ('E2')");
      for (const code of ["E1", "E2"]) begun.push(await bill.delay(code, { transaction, owner: "E" }));
      await expect(begun[0]?.cancel()).rejects.toMatchObject({ code: "ERRAND_UNCOMMITTED_RUN" });
      expect(ran).not.toContain("E1");
    });
    const undone: RunHandle[] = [];
    const failing = app.transaction(async ({ transaction }) => {
      undone.push(await bill.delay("E3", { transaction, owner: "E" }));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await Promise.all(begun.map((started) => started.result()))).toEqual(["billed E1", "billed E2"]);
    await expect(undone[0]?.result()).rejects.toThrow(/rolled back/);
    expect((await errand.list({ owner: "E" }, { limit: 10 })).length).toBe(2);
  });

  test("a client that is in no transaction is refused, and nothing is stored", async () => {
    const { errand, bill, app } = bench;
    const refused = bill.delay("F1", { transaction: app.outside as Transaction, owner: "F" });
    await expect(refused).rejects.toBeInstanceOf(ConfigurationError);
    await expect(refused).rejects.toThrow(/`transaction` is .*transaction/);
    expect(await errand.list({ owner: "F" }, { limit: 10 })).toEqual([]);
  });

  async function commits({ errand, bill, ran, app }: ReturnType<typeof workbench>, code: string): Promise<void> {
    const begun: RunHandle<string>[] = [];
    await app.transaction(async ({ transaction, run }) => {
      await run(`INSERT INTO orders (code) VALUES ('${code}')`);
      const started = await bill.delay(code, { transaction, owner: code });
      expect(started.run).toMatchObject({ state: "pending", task: "bill", owner: code, rev: 1, attempt: 0 });
      expect(await errand.get(started.id)).toBeNull();
      expect(await errand.list({ owner: code }, { limit: 10 })).toEqual([]);
      begun.push(started);
    });
    expect(await begun[0]?.result()).toBe(`billed ${code}`); // It began after the order was there for all.
    expect(ran.filter((each) => each === code)).toEqual([code]);
    expect(await errand.list({ owner: code }, { limit: 10 })).toMatchObject([{ id: begun[0]?.id, state: "succeeded", attempt: 1 }]);
  }
}

/** An errand in the app's database, the app's client, and a task that tells whether it can see the order that it is for. */
function workbench(database: AppDatabase, broker: string) {
  const errand = createErrand({ database: database.url, broker, log: keptLog() });
  const ran: string[] = [];
  const bill = errand.task({
    name: "bill",
    input: z.string(),
    run: async (code) => {
      ran.push(code);
      return (await database.orders()).includes(code) ? `billed ${code}` : `no order ${code}`;
    },
  });
  const app = database.connect();
  const close = async (): Promise<void> => {
    await app.close();
    await errand.close({ grace: 0 });
  };
  return { errand, ran, bill, app, close };
}
