import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidJsonError } from "../../src/core/errors.ts";
import { MAX_DEPTH, MAX_JSON_BYTES, toJson } from "../../src/core/json.ts";

const written = (value: unknown) => toJson("The input of task t", value, "Pass its id.");

/** The error that the value is refused with. */
function refused(value: unknown): InvalidJsonError {
  try {
    written(value);
  } catch (error) {
    if (error instanceof InvalidJsonError) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

class Seat {
  row = 3;
}

describe("what would come back different is refused, with its path", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = { again: [cyclic] };
  test.each<[string, unknown, string, string]>([
    ["a Date", { lines: [{}, {}, { date: new Date(0) }] }, "lines[2].date", "a Date"],
    ["a Map", { seats: new Map() }, "seats", "a Map"],
    ["a Set", [new Set()], "[0]", "a Set"],
    ["a class instance", { seat: new Seat() }, "seat", "a Seat"],
    ["an instance of a class without a name", { seat: new (class {})() }, "seat", "a class instance"],
    ["a RegExp", { a: { b: /x/ } }, "a.b", "a RegExp"],
    ["a Buffer", { bytes: Buffer.from("x") }, "bytes", "a Buffer"],
    ["a Promise", { later: Promise.resolve() }, "later", "a Promise"],
    ["a function", { run: () => 1 }, "run", "a function"],
    ["a symbol", [[Symbol("x")]], "[0][0]", "a symbol"],
    ["a bigint", { count: 1n }, "count", "a bigint"],
    ["NaN", { count: Number.NaN }, "count", "NaN"],
    ["Infinity", [1, Number.NEGATIVE_INFINITY], "[1]", "-Infinity"],
    ["undefined in an array", { list: [1, undefined] }, "list[1]", "undefined"],
    ["a hole in an array", { list: new Array(1) }, "list[0]", "undefined"],
    ["a cycle", cyclic, "self.again[0]", "a cycle"],
    ["an object with toJSON", { money: { toJSON: () => "1" } }, "money", "an object with toJSON"],
    ["a boxed text", { name: Object("x") }, "name", "a String"],
  ])("%s", (_what, value, path, found) => {
    const error = refused(value);
    expect(error.path).toBe(path);
    expect(error.message).toBe(
      `The input of task t is no JSON: found ${found} at "${path}". Pass its id instead, or a value of strings, numbers, booleans, null, arrays and plain objects.`,
    );
  });

  test("a value that is no JSON as a whole has no path", () => {
    expect(refused(new Date(0))).toMatchObject({ path: "", code: "ERRAND_INVALID_JSON" });
    expect(refused(() => 1).message).toContain("is no JSON: found a function. Pass its id instead");
  });
});

describe("what JSON carries is taken", () => {
  test("the same object twice is no cycle", () => {
    const seat = { row: 1 };
    expect(written([seat, { seat }])).toBe('[{"row":1},{"seat":{"row":1}}]');
  });

  test("undefined is null as a whole and left out as a property", () => {
    expect(written(undefined)).toBe("null");
    expect(written(null)).toBe("null");
    expect(written({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test("an object without a prototype, and a key named __proto__", () => {
    expect(written(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    expect(written(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
  });

  test("every JSON value comes back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(written(value))).toEqual(withoutOddities(value));
      }),
    );
  });

  test("any value at all is either refused or comes back equal", () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withBoxedValues: true, withTypedArray: true, withNullPrototype: true }),
        (value) => {
          let text: string;
          try {
            text = written(value);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidJsonError);
            return;
          }
          expect(JSON.parse(text)).toEqual(withoutOddities(value));
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** What JSON makes of a value that was taken: no undefined properties, no negative zero, ordinary prototypes. */
function withoutOddities(value: unknown): unknown {
  if (value === undefined) return null;
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutOddities);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutOddities(part)]));
}

describe("limits", () => {
  test("exactly 1 MiB is taken, one byte more is not", () => {
    expect(written("x".repeat(MAX_JSON_BYTES - 2))).toHaveLength(MAX_JSON_BYTES);
    const error = refused("x".repeat(MAX_JSON_BYTES - 1));
    expect(error.message).toBe("The input of task t is 1048577 bytes of JSON; at most 1048576 (1 MiB) are kept. Pass its id.");
    expect(error.path).toBe("");
  });

  test("bytes are counted, not characters", () => {
    const euros = Math.floor((MAX_JSON_BYTES - 2) / 3);
    expect(written("€".repeat(euros))).toHaveLength(euros + 2);
    expect(refused("€".repeat(euros + 1)).message).toContain("1 MiB");
    expect(refused("🎟".repeat(MAX_JSON_BYTES / 4)).message).toContain("1 MiB");
  });

  test(`${MAX_DEPTH} levels are taken, one more is not`, () => {
    let nested: unknown = [];
    for (let level = 1; level < MAX_DEPTH; level++) nested = { in: nested };
    expect(JSON.parse(written(nested))).toEqual(nested);
    const error = refused({ in: nested });
    expect(error.message).toContain(`more than ${MAX_DEPTH} levels`);
    expect(error.path.split(".")).toHaveLength(MAX_DEPTH);
  });

  test("a depth that would exhaust the stack is refused like any other", () => {
    let nested: unknown[] = [];
    for (let level = 0; level < 100_000; level++) nested = [nested];
    expect(refused(nested).message).toContain(`more than ${MAX_DEPTH} levels`);
  });
});
