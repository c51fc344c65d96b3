import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Turns } from "../../src/stores/postgres/turns.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Takes turns under these names, and notes who has one. */
function taking(turns: Turns, names: readonly string[]): string[] {
  const going: string[] = [];
  for (const name of names) void turns.take().then(() => going.push(name));
  return going;
}

test("one goes after the other, in the order in which they came", async () => {
  const turns = new Turns();
  const going = taking(turns, ["first", "second", "third"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(going).toEqual(["first"]);
  turns.giveBack();
  await vi.advanceTimersByTimeAsync(0);
  expect(going).toEqual(["first", "second"]);
  turns.giveBack();
  await vi.advanceTimersByTimeAsync(0);
  expect(going).toEqual(["first", "second", "third"]);
  turns.giveBack();
  expect(vi.getTimerCount()).toBe(0);
});

test("nobody waits longer than a moment, and then the next waits until all are done", async () => {
  const turns = new Turns();
  const going = taking(turns, ["held up", "second"]);
  await vi.advanceTimersByTimeAsync(2);
  expect(going).toEqual(["held up", "second"]);
  const later = taking(turns, ["third"]);
  turns.giveBack();
  await vi.advanceTimersByTimeAsync(1);
  expect(later).toEqual([]);
  turns.giveBack();
  await vi.advanceTimersByTimeAsync(0);
  expect(later).toEqual(["third"]);
});
