import { assertType, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { chain, chord, group, type Link, type Part } from "../../../src/index.ts";
import { openErrand } from "../fixture.ts";

function tasks() {
  const errand = openErrand({ database: ":memory:" });
  return {
    count: errand.task({ name: "count", input: z.object({ of: z.string() }), run: ({ of }) => of.length }),
    spell: errand.task({ name: "spell", input: z.number(), run: (number) => ({ text: String(number) }) }),
    join: errand.task({ name: "join", run: () => true }),
  };
}

test("a link's result has the type of what it is made of", () => {
  const { count, spell, join } = tasks();
  expectTypeOf(chain([count.with({ of: "a" }), spell.with((length: number) => length)])).toExtend<Link<{ text: string }>>();
  expectTypeOf(group([count.with({ of: "a" }), spell.with(1)])).toExtend<Link<[number, { text: string }]>>();
  expectTypeOf(group([1, 2].map((number) => spell.with(number)))).toExtend<Link<{ text: string }[]>>();
  expectTypeOf(
    chord(
      [count.with({ of: "a" }), spell.with(1)],
      join.with((results: [number, { text: string }]) => results),
    ),
  ).toExtend<Link<boolean>>();
  expectTypeOf(group([chain([count.with({ of: "a" })]), group([spell.with(2)])])).toExtend<Link<[number, [{ text: string }]]>>();
});

test("a step whose input is made of another type than the one before it gives is a compile error", () => {
  const { count, spell, join } = tasks();
  type First = ReturnType<typeof count.with>;
  const [first, fits, unfit] = [count.with({ of: "a" }), spell.with((length: number) => length), join.with((previous: string) => previous)];
  assertType<Part>(first satisfies First);
  type Chained<Parts extends readonly Part[]> = Parts extends Parameters<typeof chain<Parts>>[0] ? true : false;
  expectTypeOf<Chained<readonly [typeof first, typeof fits]>>().toEqualTypeOf<true>();
  expectTypeOf<Chained<readonly [typeof first, typeof unfit]>>().toEqualTypeOf<false>();
  expectTypeOf<Chained<readonly [typeof first, typeof fits, typeof fits]>>().toEqualTypeOf<false>();
  const nested = group([unfit]);
  expectTypeOf<Chained<readonly [typeof first, typeof nested]>>().toEqualTypeOf<false>();
  const fitting = group([fits, join.with(null)]);
  expectTypeOf<Chained<readonly [typeof first, typeof fitting]>>().toEqualTypeOf<true>();
  type Body<Parts extends readonly Part[]> = Parameters<typeof chord<Parts, boolean>>[1];
  const ofNumbers = join.with((results: [number]) => results);
  expectTypeOf<typeof ofNumbers extends Body<readonly [typeof first]> ? true : false>().toEqualTypeOf<true>();
  expectTypeOf<typeof ofNumbers extends Body<readonly [typeof fits]> ? true : false>().toEqualTypeOf<false>();
});
