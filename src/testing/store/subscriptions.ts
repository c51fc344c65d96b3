import assert from "node:assert/strict";
import type { Store } from "../../core/store.ts";
import type { Subscription } from "../../core/subscriptions.ts";
import type { StoreTest } from "./store-test.ts";

const MOST = 3;

function browser(name: string, more: Partial<Subscription> = {}): Subscription {
  return { digest: `digest ${name}`, endpoint: `https://push.example/${name}'; --`, p256dh: `key ${name}`, auth: `secret ${name}`, locale: "de", ...more };
}

async function digests(store: Store, owner: string): Promise<string[]> {
  return (await store.subscriptions.of(owner)).map(({ digest }) => digest).sort();
}

export function testSubscriptions(it: StoreTest): void {
  it("keeps browsers by their owner, as they were given", async ({ store, other }) => {
    assert.equal(await store.subscriptions.keep("ada", browser("one"), MOST), true);
    assert.equal(await store.subscriptions.keep("bob", browser("two"), MOST), true);
    assert.deepEqual(await other.subscriptions.of("ada"), [browser("one")]);
    assert.deepEqual(await other.subscriptions.of("nobody"), []);
  });

  it("the owner's own is kept anew, whatever its keys", async ({ store }) => {
    await store.subscriptions.keep("ada", browser("one"), MOST);
    assert.equal(await store.subscriptions.keep("ada", browser("one", { auth: "new", locale: "fr" }), MOST), true);
    assert.deepEqual(await store.subscriptions.of("ada"), [browser("one", { auth: "new", locale: "fr" })]);
  });

  it("somebody else's changes hands to who has its keys only", async ({ store, other }) => {
    await store.subscriptions.keep("ada", browser("one"), MOST);
    assert.equal(await other.subscriptions.keep("bob", browser("one", { auth: "guessed" }), MOST), false);
    assert.equal(await other.subscriptions.keep("bob", browser("one", { p256dh: "guessed" }), MOST), false);
    assert.deepEqual(await store.subscriptions.of("ada"), [browser("one")]);
    assert.deepEqual(await store.subscriptions.of("bob"), []);
    assert.equal(await other.subscriptions.keep("bob", browser("one"), MOST), true);
    assert.deepEqual(await store.subscriptions.of("ada"), []);
    assert.deepEqual(await digests(store, "bob"), ["digest one"]);
  });

  it("of an owner only so many stay, the new one among them, and others' are left alone", async ({ store }) => {
    await store.subscriptions.keep("bob", browser("of bob"), MOST);
    for (let index = 0; index < 6; index++) {
      await store.subscriptions.keep("ada", browser(String(index)), MOST);
      const kept = await digests(store, "ada");
      assert(kept.length <= MOST && kept.includes(`digest ${index}`), kept.join());
    }
    assert.equal((await digests(store, "ada")).length, MOST);
    assert.deepEqual(await digests(store, "bob"), ["digest of bob"]);
  });

  it("removes the owner's own only", async ({ store, other }) => {
    await store.subscriptions.keep("ada", browser("one"), MOST);
    assert.equal(await other.subscriptions.remove("bob", "digest one"), false);
    assert.deepEqual(await digests(store, "ada"), ["digest one"]);
    assert.equal(await other.subscriptions.remove("ada", "digest one"), true);
    assert.equal(await other.subscriptions.remove("ada", "digest one"), false);
    assert.deepEqual(await digests(store, "ada"), []);
  });
}
