import { expect, test } from "vitest";
import { until } from "../../../src/testing/until.ts";
import { Pace } from "../../../src/web/events/pace.ts";

const EVERY = 40;

function paced() {
  const calls: { readonly key: string; readonly value: object; readonly at: number }[] = [];
  const pace = new Pace<object>(EVERY, (key, value) => calls.push({ key, value, at: performance.now() }));
  return { calls, pace, values: (key: string) => calls.filter((call) => call.key === key).map(({ value }) => value) };
}

const values = Array.from({ length: 50 }, (_, number) => ({ number }));

test("the first at once, then only the last of those that came too soon, never sooner than allowed", async () => {
  const { calls, pace, values: called } = paced();
  for (const value of values) pace.push("a", value, false);
  expect(called("a")).toEqual([values[0]]);
  await until("the last is called", () => called("a").includes(values.at(-1) as object));
  expect(called("a")).toEqual([values[0], values.at(-1)]);
  pace.push("a", { number: 100 }, false);
  await until("the third is called", () => called("a").length === 3);
  for (let index = 1; index < calls.length; index++) expect((calls[index]?.at as number) - (calls[index - 1]?.at as number)).toBeGreaterThan(EVERY - 2);
});

test("keys do not wait for each other, what is urgent does not wait at all, and the same value is not taken twice", () => {
  const { pace, values: called } = paced();
  const [one, two, three] = values as [object, object, object];
  pace.push("a", one, false);
  pace.push("b", one, false);
  pace.push("a", two, false);
  pace.push("a", three, true);
  pace.push("a", three, true);
  expect([called("a"), called("b")]).toEqual([[one, three], [one]]);
  pace.close();
});

test("what is dropped is not called, and comes anew at once", async () => {
  const { pace, values: called } = paced();
  const [one, two, three] = values as [object, object, object];
  pace.push("a", one, false);
  pace.push("a", two, false);
  pace.drop("a");
  pace.push("a", three, false);
  pace.push("b", one, false);
  pace.push("b", two, false);
  await until("the other key is called twice", () => called("b").length === 2);
  expect(called("a")).toEqual([one, three]);
});
