import { expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { fillTemplate, type Place, templateOf, withPlaces } from "../../src/core/template.ts";

interface Earlier {
  readonly id: number;
  readonly lines: readonly { readonly text: string }[];
}

/** What the function makes of these results, by way of the JSON that is kept. */
function made(make: (previous: Earlier, results: readonly unknown[]) => unknown, results: readonly Json[]): Json {
  const kept = JSON.parse(JSON.stringify(withPlaces(templateOf(make)))) as Json;
  return fillTemplate(kept, (of: Place["of"]) => results[of === "previous" ? results.length - 1 : of] ?? null);
}

const results: Json[] = [{ id: 1, lines: [] }, "text", { id: 3, lines: [{ text: "ü" }, { text: "z" }], "0": "zero" }];

test("the previous result, parts of it, and earlier ones by position stand where they were put", () => {
  expect(made((previous) => previous, results)).toEqual(results[2]);
  expect(made(({ id, lines }) => ({ id, first: lines[0]?.text, all: [lines, 7, null, true] }), results)).toEqual({
    id: 3,
    first: "ü",
    all: [[{ text: "ü" }, { text: "z" }], 7, null, true],
  });
  expect(made((_, all) => [all[1], all[0]], results)).toEqual(["text", { id: 1, lines: [] }]);
  expect(made((previous) => ({ deep: { deeper: [{ it: previous.lines }] } }), results)).toEqual({ deep: { deeper: [{ it: [{ text: "ü" }, { text: "z" }] }] } });
});

test("a plain value that the function returns stays as it is", () => {
  expect(made(() => ({ a: [1, "b", null], __proto__x: { c: false } }), results)).toEqual({ a: [1, "b", null], __proto__x: { c: false } });
  expect(made(() => null, results)).toBeNull();
});

test("a part that is not there is null, never something inherited", () => {
  const wild = (previous: unknown) => previous as Record<string, Record<string, unknown>>;
  expect(made((previous) => [wild(previous).none, wild(previous).none?.deeper, wild(previous).constructor, wild(previous).toLocaleString], results)).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(made((_, all) => all[9], results)).toBeNull();
  expect(made((_, all) => wild(all[1]).length, results)).toBeNull();
});

test("a result is a value, whatever is in it: one that looks like a place is not filled again", () => {
  const place = { "$errand.result": { of: 0, path: [] } };
  expect(made((previous) => [previous], [{ secret: 1 }, place])).toEqual([place]);
});

test("a name that is an index finds the item of a list and the property of an object", () => {
  expect(made((previous) => (previous as unknown as string[])[0], [["first"]])).toBe("first");
  expect(made((previous) => (previous as unknown as string[])[0], results)).toBe("zero");
});

test("whoever computes with a result that is not there yet is told so, where he does it", () => {
  const anything = (previous: Earlier) => previous as unknown as Record<string, never> & number & Iterable<unknown> & (() => void);
  const attempts: ((previous: Earlier) => unknown)[] = [
    (previous) => `${previous.id}`,
    (previous) => anything(previous) + 1,
    (previous) => anything(previous) > 1,
    (previous) => [...anything(previous)],
    (previous) => ({ ...previous }),
    (previous) => anything(previous)(),
    (previous) => previous.lines.map((line) => line.text),
    (previous) => JSON.stringify(previous),
    (previous) => "id" in previous,
    (previous) => Object.keys(previous),
    (previous) => {
      anything(previous).id = 5 as never;
      return previous;
    },
  ];
  for (const attempt of attempts) expect(() => templateOf(attempt)).toThrow(TypeError);
  expect(() => templateOf((_, all) => all.length)).toThrow("named by its position");
  expect(() => templateOf((_, all) => all.map(String))).toThrow(TypeError);
});

test("an input that only looks like a place, and one with a cycle, are refused", () => {
  expect(() => withPlaces({ deep: [{ "$errand.result": 1 }] })).toThrow("$errand.result");
  const cycle: Record<string, unknown> = {};
  cycle.self = [cycle];
  expect(() => withPlaces(cycle)).toThrow("cycle");
});
