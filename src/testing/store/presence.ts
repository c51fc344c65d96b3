import assert from "node:assert/strict";
import type { Store } from "../../core/store.ts";
import { insertEnded } from "../fixtures.ts";
import type { StoreTest } from "./store-test.ts";

const HOUR = 3_600_000;

/** Now by the store's clock. */
async function storeTime(store: Store): Promise<number> {
  return (await insertEnded(store)).ended as number;
}

export function testPresence(it: StoreTest): void {
  it("says who was watching at a time, also to other handles", async ({ store, other }) => {
    await store.presence.note("web-1", [
      { owner: "ada", since: 10_000, until: 30_000 },
      { owner: "bob'; --", since: 10_000, until: -5000 },
    ]);
    const now = await storeTime(store);
    assert.equal(await other.presence.watchedAt("ada", now, 0), true);
    assert.equal(await other.presence.watchedAt("ada", now - 15_000, 0), false);
    assert.equal(await other.presence.watchedAt("bob'; --", now, 0), false);
    assert.equal(await other.presence.watchedAt("bob'; --", now - 6000, 0), true);
    assert.equal(await other.presence.watchedAt("nobody", now, HOUR), false);
  });

  it("whoever comes late counts, but not later than that", async ({ store }) => {
    await store.presence.note("web-1", [{ owner: "ada", since: 10_000, until: 30_000 }]);
    const now = await storeTime(store);
    assert.equal(await store.presence.watchedAt("ada", now - 60_000, 55_000), true);
    assert.equal(await store.presence.watchedAt("ada", now - 60_000, 45_000), false);
  });

  it("a process replaces what it knew itself, and nothing of what others know", async ({ store, other }) => {
    await store.presence.note("web-1", [{ owner: "ada", since: 10_000, until: 30_000 }]);
    await other.presence.note("web-2", [{ owner: "ada", since: 5000, until: 30_000 }]);
    await store.presence.note("web-1", [{ owner: "ada", since: 10_000, until: -1000 }]);
    const now = await storeTime(store);
    assert.equal(await store.presence.watchedAt("ada", now, 0), true);
    await other.presence.note("web-2", [{ owner: "ada", since: 5000, until: -1000 }]);
    assert.equal(await store.presence.watchedAt("ada", await storeTime(store), 0), false);
  });

  it("notes any number of owners at once", async ({ store }) => {
    const watched = Array.from({ length: 700 }, (_, index) => ({ owner: `owner ${index}`, since: 1000, until: 60_000 }));
    await store.presence.note("web-1", watched);
    await store.presence.note("web-1", watched);
    await store.presence.note("web-1", []);
    const now = await storeTime(store);
    const known = await Promise.all([0, 255, 256, 511, 512, 639, 640, 699].map((index) => store.presence.watchedAt(`owner ${index}`, now, 0)));
    assert.deepEqual(new Set(known), new Set([true]));
  });

  it("forgets who has been away for long", async ({ store }) => {
    await store.presence.note("web-1", [
      { owner: "ada", since: 3 * HOUR, until: -2 * HOUR },
      { owner: "bob", since: 3 * HOUR, until: -HOUR / 2 },
    ]);
    const before = (await storeTime(store)) - 2.5 * HOUR;
    assert.equal(await store.presence.watchedAt("ada", before, 0), true);
    await store.presence.forget(HOUR);
    assert.equal(await store.presence.watchedAt("ada", before, 0), false);
    assert.equal(await store.presence.watchedAt("bob", before, 0), true);
  });
}
