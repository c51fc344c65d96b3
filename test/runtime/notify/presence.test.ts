import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Watched } from "../../../src/core/presence.ts";
import type { Store } from "../../../src/index.ts";
import { Presence } from "../../../src/runtime/notify/presence.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { keptLog } from "../fixture.ts";

const NOW = 1_790_000_000_000;
let store: Store;
let presence: Presence;
/** What was written, in order. */
let writes: (readonly Watched[])[];
const log = keptLog();
let isBroken = false;

/** By the store's clock, which goes with the faked one, and may be hours off this machine's. */
const clock = () => NOW + performance.now();

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  store = sqlite({ file: freshDatabase(), clock });
  await store.migrate();
  writes = [];
  isBroken = false;
  presence = open(store, "web-1");
});

afterEach(async () => {
  await presence.close();
  await store.close();
  vi.useRealTimers();
});

function open(on: Store, process: string): Presence {
  const opened = new Presence(log);
  const { presence: kept } = on;
  opened.open(
    {
      note: async (by, watched) => {
        writes.push(watched);
        if (isBroken) throw new Error("The disk is full.");
        await kept.note(by, watched);
      },
      watchedAt: (...args) => kept.watchedAt(...args),
      forget: (age) => kept.forget(age),
    },
    process,
  );
  opened.enable();
  return opened;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const watches = (owner: string) => store.presence.watchedAt(owner, clock(), 0);

test("whoever comes is noted within a second, then every 15 s while they are there, then once more", async () => {
  const goAway = presence.hold("ada");
  await pass(1000);
  expect(writes).toHaveLength(1);
  expect(await watches("ada")).toBe(true);
  await pass(60_000);
  expect(writes).toHaveLength(5);
  expect(await watches("ada")).toBe(true);
  goAway();
  await pass(1000);
  expect(writes).toHaveLength(6);
  expect(await watches("ada")).toBe(false);
  expect(await store.presence.watchedAt("ada", clock() - 2000, 0)).toBe(true);
  await pass(120_000);
  expect(writes).toHaveLength(6);
});

test("many owners are one write, and a page after another is none", async () => {
  const leaving = Array.from({ length: 50 }, (_, index) => presence.hold(`owner ${index}`));
  await pass(1000);
  expect(writes.map(({ length }) => length)).toEqual([50]);
  for (const goAway of leaving) goAway();
  await pass(500);
  const again = Array.from({ length: 50 }, (_, index) => presence.hold(`owner ${index}`));
  await pass(4000);
  expect(writes).toHaveLength(1);
  for (const goAway of again) goAway();
});

test("somebody is there until the last of their pages has gone, each counted once", async () => {
  const [one, two] = [presence.hold("ada"), presence.hold("ada")];
  await pass(1000);
  one();
  one();
  await pass(20_000);
  expect(await watches("ada")).toBe(true);
  two();
  await pass(1000);
  expect(await watches("ada")).toBe(false);
});

test("whoever only asks is there until the next question is due, and when they left is told as it was", async () => {
  presence.seen("ada", 7000);
  await pass(1000);
  expect(await watches("ada")).toBe(true);
  await pass(5000);
  presence.seen("ada", 7000);
  await pass(6500);
  expect(await watches("ada")).toBe(true);
  await pass(2500);
  expect(await watches("ada")).toBe(false);
  expect(await store.presence.watchedAt("ada", NOW + 12_500, 0)).toBe(true);
  expect(await store.presence.watchedAt("ada", NOW + 13_500, 0)).toBe(false);
});

test("a page that was closed ends it at once, whatever it had asked before", async () => {
  const goAway = presence.hold("ada");
  presence.seen("ada", 60_000);
  await pass(1000);
  goAway();
  await pass(1000);
  expect(await watches("ada")).toBe(false);
});

test("who comes back begins anew: in between nobody was there", async () => {
  presence.hold("ada")();
  await pass(2000);
  await pass(60_000);
  const back = clock();
  presence.hold("ada");
  await pass(1000);
  expect(await store.presence.watchedAt("ada", back - 5000, 0)).toBe(false);
  expect(await store.presence.watchedAt("ada", back - 5000, 10_000)).toBe(true);
});

test("a process that dies is believed for half a minute at most", async () => {
  presence.hold("ada");
  await pass(1000);
  const died = clock();
  expect(await store.presence.watchedAt("ada", died + 29_000, 0)).toBe(true);
  expect(await store.presence.watchedAt("ada", died + 31_000, 0)).toBe(false);
});

test("one that closes gives its pages some seconds to find another; what another knows stays", async () => {
  const other = open(store, "web-2");
  presence.hold("ada");
  presence.hold("bob");
  other.hold("bob");
  await pass(20_000);
  await presence.close();
  const closed = clock();
  expect(await store.presence.watchedAt("ada", closed + 9000, 0)).toBe(true);
  expect(await store.presence.watchedAt("ada", closed + 11_000, 0)).toBe(false);
  expect(await store.presence.watchedAt("bob", closed + 11_000, 0)).toBe(true);
  await other.close();
});

test("pages whose streams it ends as it closes have those seconds too, from then on", async () => {
  const [goAway, leave] = [presence.hold("ada"), presence.hold("bob")];
  await pass(20_000);
  leave();
  presence.leaving();
  goAway();
  const left = clock();
  await pass(3000);
  expect(await watches("ada")).toBe(true);
  await presence.close();
  expect(await store.presence.watchedAt("ada", left + 9900, 0)).toBe(true);
  expect(await store.presence.watchedAt("ada", left + 10_100, 0)).toBe(false);
  expect(await store.presence.watchedAt("bob", left + 100, 0)).toBe(false);
});

test("what could not be noted is tried again", async () => {
  isBroken = true;
  presence.hold("ada");
  await pass(3000);
  expect(writes).toHaveLength(3);
  expect(log.said(/could not be noted whose pages/).length).toBeGreaterThanOrEqual(3);
  isBroken = false;
  await pass(1000);
  expect(await watches("ada")).toBe(true);
  await pass(5000);
  expect(writes).toHaveLength(4);
});

test("nothing is kept or written before it matters, for nobody, and after the end", async () => {
  const idle = new Presence(log);
  idle.open(store.presence, "web-3");
  idle.hold("ada");
  idle.seen("ada", 1000);
  presence.hold(null);
  presence.seen(null, 60_000);
  await pass(60_000);
  await presence.close();
  presence.hold("ada");
  await pass(60_000);
  expect(writes).toEqual([]);
  expect(await store.presence.watchedAt("ada", clock(), 120_000)).toBe(false);
});
