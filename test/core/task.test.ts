import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { ConfigurationError } from "../../src/core/errors.ts";
import { defineTask, type Jsonable, type TaskOptions } from "../../src/core/task.ts";

const run = () => null;
const define = (options: object) => defineTask({ name: "export", run, ...options } as TaskOptions<undefined, null>);

test("what is not said has its default", () => {
  expect(define({})).toMatchObject({ name: "export", queue: "default", timeout: 3_600_000, retry: { maxAttempts: 1 }, schema: undefined, run });
});

test("what is said is kept", () => {
  const input = z.object({ id: z.number() });
  expect(define({ input, queue: "slow", timeout: "10m", retries: { times: 4, delay: "2s" } })).toMatchObject({
    schema: input,
    queue: "slow",
    timeout: 600_000,
    retry: { maxAttempts: 5 },
  });
});

describe("refused with the option and its value", () => {
  test.each<[object, typeof ConfigurationError | RangeErrorConstructor, string]>([
    [{ name: "" }, ConfigurationError, 'A task needs a name of 1 to 255 characters, but has "".'],
    [{ name: "  " }, ConfigurationError, 'but has "  ".'],
    [{ name: "x".repeat(256) }, ConfigurationError, "1 to 255 characters"],
    [{ name: 3 }, ConfigurationError, "but has 3."],
    [{ name: undefined }, ConfigurationError, "but has undefined."],
    [{ run: undefined }, ConfigurationError, "Task export has no run function."],
    [{ queue: "" }, ConfigurationError, "Task export has an empty queue name."],
    [{ timeout: "long" }, RangeError, 'timeout of task export must be a number of ms or a text such as "500ms", "30s", "10m", "1h" or "30d", but is "long".'],
    [{ timeout: -1 }, RangeError, "but is -1."],
    [{ retries: -1 }, RangeError, "retries must be a whole number from 0 to 1000000, but is -1."],
  ])("%j", (options, kind, message) => {
    expect(() => define(options)).toThrow(kind);
    expect(() => define(options)).toThrow(message);
  });
});

test("the types know what is no JSON", () => {
  expectTypeOf<Jsonable<{ a: number; b: string[] }>>().toEqualTypeOf<{ a: number; b: string[] }>();
  expectTypeOf<Jsonable<{ at: Date }>["at"]>().toEqualTypeOf<"This type is no JSON: pass its id instead">();
  expectTypeOf<Jsonable<Map<string, string>>>().toEqualTypeOf<"This type is no JSON: pass its id instead">();
});
