import { validate, version } from "uuid";
import { afterEach, expect, test, vi } from "vitest";
import { newId } from "../../src/runtime/new-id.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("ids are UUIDs of version 7, all different, in the order in which they were made", () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids.slice(0, 1000)) expect([validate(id), version(id)]).toEqual([true, 7]);
});

test("an id tells its time, and what can be guessed of the next one is only that", () => {
  vi.useFakeTimers({ now: Date.UTC(2100, 0, 1), toFake: ["Date"] });
  const [one, other] = [newId(), newId()];
  expect(Number.parseInt(one.replaceAll("-", "").slice(0, 12), 16)).toBe(Date.now());
  const tails = Array.from({ length: 2000 }, () => newId().slice(-12));
  expect(new Set(tails).size).toBe(tails.length);
  expect(other.slice(-12)).not.toBe(one.slice(-12));
  // 48 random bits: each of the twelve digits takes every value.
  for (let digit = 0; digit < 12; digit += 1) expect(new Set(tails.map((tail) => tail[digit])).size).toBe(16);
});

test("a clock that is set back puts no id before an older one", () => {
  vi.useFakeTimers({ now: Date.UTC(2101, 0, 1), toFake: ["Date"] });
  const before = newId();
  vi.setSystemTime(Date.UTC(2100, 0, 1));
  expect([before, newId(), newId()].toSorted()[0]).toBe(before);
});
