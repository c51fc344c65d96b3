import { expect, test, vi } from "vitest";
import { Recent } from "../../src/core/recent.ts";

test("a value is worked out once for each text", () => {
  const recent = new Recent<string>(10);
  const make = vi.fn((text: string) => `${text}!`);
  const get = (text: string) => recent.get(text, () => make(text));
  expect(["a", "b", "a", "b", ""].map(get)).toEqual(["a!", "b!", "a!", "b!", "!"]);
  expect(make.mock.calls.flat()).toEqual(["a", "b", ""]);
});

test("it stays within its size: the oldest give way", () => {
  const recent = new Recent<number>(3);
  const made: string[] = [];
  const get = (text: string) => recent.get(text, () => made.push(text));
  for (const text of ["a", "b", "c", "d", "d", "c", "b"]) get(text);
  expect(made).toEqual(["a", "b", "c", "d"]);
  get("a");
  expect(made).toEqual(["a", "b", "c", "d", "a"]);
});

test("a text of any length is answered, but a long one is not remembered", () => {
  const recent = new Recent<number>(3);
  const make = vi.fn(() => 7);
  const long = "x".repeat(501);
  expect([recent.get(long, make), recent.get(long, make)]).toEqual([7, 7]);
  expect(make).toHaveBeenCalledTimes(2);
});

test("what could not be worked out is asked for again", () => {
  const recent = new Recent<number>(3);
  expect(() =>
    recent.get("a", () => {
      throw new RangeError("not now");
    }),
  ).toThrow("not now");
  expect(recent.get("a", () => 1)).toBe(1);
});
