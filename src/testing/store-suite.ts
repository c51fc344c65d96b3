import type { Store } from "../core/store.ts";
import { testArtifacts } from "./store/artifacts.ts";
import { testDue } from "./store/due.ts";
import { testEstimates } from "./store/estimates.ts";
import { testGuards } from "./store/guards.ts";
import { testHandles } from "./store/handles.ts";
import { testKeys } from "./store/keys.ts";
import { testLeases } from "./store/leases.ts";
import { testLedger } from "./store/ledger.ts";
import { testLinks } from "./store/links.ts";
import { testLists } from "./store/lists.ts";
import { testPatches } from "./store/patches.ts";
import { testPresence } from "./store/presence.ts";
import { testRemoval } from "./store/removal.ts";
import { testStops } from "./store/stops.ts";
import type { StoreTest } from "./store/store-test.ts";
import { testSubscriptions } from "./store/subscriptions.ts";
import { testWorkers } from "./store/workers.ts";
import { testWrites } from "./store/writes.ts";
import type { TestFunctions } from "./test-functions.ts";

/** An empty database of one test's own. */
export interface StorePlace {
  /** Another handle on the same database, as another process would have it. Not migrated. */
  open(): Store;
  /** Removes the database; every handle is closed by then. */
  remove?(): Promise<void> | void;
}

/**
 * Registers the tests that every `Store` passes. Each has a database of its own; nothing in them waits for a guessed time, and the store's
 * clock may be any.
 *
 * ```ts
 * import { describe, test } from "node:test"; // or from "vitest"
 * testStore({ describe, test }, "my store", async () => {
 *   const database = await freshDatabase();
 *   return { open: () => myStore(database), remove: () => dropDatabase(database) };
 * });
 * ```
 */
export function testStore({ describe, test }: TestFunctions, name: string, place: () => StorePlace | Promise<StorePlace>): void {
  const it: StoreTest = (title, body) => {
    test(title, async () => {
      const { open, remove } = await place();
      const store = open();
      const other = open();
      try {
        await store.migrate();
        await other.migrate();
        await body({ store, other, open });
      } finally {
        await store.close();
        await other.close();
        await remove?.();
      }
    });
  };
  const parts = {
    writes: testWrites,
    guards: testGuards,
    patches: testPatches,
    leases: testLeases,
    "due runs": testDue,
    lists: testLists,
    artifacts: testArtifacts,
    keys: testKeys,
    ledger: testLedger,
    estimates: testEstimates,
    "linked runs": testLinks,
    removal: testRemoval,
    "stop events": testStops,
    presence: testPresence,
    subscriptions: testSubscriptions,
    workers: testWorkers,
    handles: testHandles,
  };
  describe(`store ${name}`, () => {
    for (const [part, register] of Object.entries(parts)) describe(part, () => register(it));
  });
}
