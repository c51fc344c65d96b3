import { expect, test } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import type { Store, Write } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { gate, keptLog, openErrand, untilEnded } from "../fixture.ts";

const LOST = new StoreError("unavailable", "The connection broke; whether it was written is not known.");

/** A store on a line that breaks: of the group of writes that `fits` first, `when` it is done or before, the answer is an error. */
function breakingOnce(fits: (write: Write) => boolean, when: "before" | "after", error: Error): Store {
  const store = sqlite(freshDatabase());
  let isBroken = false;
  const write: Store["write"] = async (writes) => {
    if (isBroken || !writes.some(fits)) return store.write(writes);
    isBroken = true;
    if (when === "after") await store.write(writes);
    throw error;
  };
  return new Proxy(store, { get: (target, name) => (name === "write" ? write : Reflect.get(target, name, target)) });
}

/** Performs a run of "short" while another one keeps the process's leases alive. */
async function performShort(store: Store) {
  const log = keptLog();
  const errand = openErrand({ database: store, broker: "database", lease: "1h", sweepEvery: 50, log });
  const [enough, begun] = [gate(), gate()];
  const long = errand.task({
    name: "long",
    run: async () => {
      begun.open();
      await enough.opened;
    },
  });
  let performed = 0;
  const short = errand.task({ name: "short", run: () => ++performed });
  const other = await long.start(null);
  await begun.opened;
  const run = await untilEnded(errand, (await short.start(null)).id);
  enough.open();
  expect(await untilEnded(errand, other.id)).toMatchObject({ state: "succeeded", attempt: 1 });
  return { run, performed, log };
}

const isClaimOfShort = () => {
  let claims = 0;
  return (write: Write) => "change" in write && write.change.claim === true && ++claims === 2;
};
const isEndOfShort = (write: Write) => "change" in write && write.change.patch.set?.state === "succeeded";

test("a claim whose answer was lost: the run is not held for ever by a process that does not know of it", async () => {
  const { run, performed, log } = await performShort(breakingOnce(isClaimOfShort(), "after", LOST));
  expect(run).toMatchObject({ state: "succeeded", attempt: 2, maxAttempts: 2, result: 1 });
  expect(performed).toBe(1);
  expect(log.said(/was held by this process, but not performed: it is retrying now/)).toHaveLength(1);
});

test("a claim that was not written: the run is taken again, and no attempt is used up", async () => {
  const { run, performed } = await performShort(breakingOnce(isClaimOfShort(), "before", LOST));
  expect(run).toMatchObject({ state: "succeeded", attempt: 1, maxAttempts: 1 });
  expect(performed).toBe(1);
});

test("an end whose answer was lost stands as it was written", async () => {
  const { run, performed, log } = await performShort(breakingOnce(isEndOfShort, "after", LOST));
  expect(run).toMatchObject({ state: "succeeded", attempt: 1, result: 1 });
  expect(performed).toBe(1);
  expect(log.said(/but not performed/)).toEqual([]);
});

test("an end that cannot be written: the run is given back, since its lease would be renewed with the others", async () => {
  const { run, performed } = await performShort(breakingOnce(isEndOfShort, "before", new StoreError("not_a_database", "The file is damaged.")));
  expect(run).toMatchObject({ state: "succeeded", attempt: 2, result: 2 });
  expect(performed).toBe(2);
});
