import { chain, chord, type Errand, group, type Link } from "../../../src/index.ts";

/** Every call of a task, by what it was given. */
export interface Calls {
  readonly made: { readonly runId: string; readonly task: string; readonly attempt: number }[];
}

/** The tasks that the shapes are made of. A task that lost its worker may be tried again; one that breaks is not. */
export function defineTasks(errand: Errand, { made }: Calls) {
  const retries = { times: 3, delay: 0 };
  return {
    one: errand.task({
      name: "one",
      retries,
      run: (_, { runId, attempt }) => {
        made.push({ runId, attempt, task: "one" });
        return 1;
      },
    }),
    sum: errand.task({
      name: "sum",
      retries,
      run: (input, { runId, attempt }) => {
        made.push({ runId, attempt, task: "sum" });
        return [input].flat(9).reduce<number>((sum, part) => sum + Number(part), 0);
      },
    }),
    broken: errand.task({
      name: "broken",
      retries,
      run: (_, { runId, attempt, status }) => {
        made.push({ runId, attempt, task: "broken" });
        return status.fail("It broke.");
      },
    }),
  };
}

type Tasks = ReturnType<typeof defineTasks>;

export interface Shape {
  readonly link: (tasks: Tasks) => Link;
  readonly runs: number;
  readonly state: "succeeded" | "failed";
  readonly result: unknown;
  /** How many steps may start once at most: the rest must not start at all. */
  readonly never?: readonly string[];
}

const times = <Part>(count: number, make: () => Part): Part[] => Array.from({ length: count }, make);

export const shapes: Readonly<Record<string, Shape>> = {
  "a chain of 3": {
    link: ({ one, sum }) => chain([one.with(null), sum.with((previous: number) => [previous, 10]), sum.with((previous: number) => [previous, 100])]),
    runs: 4,
    state: "succeeded",
    result: 111,
  },
  "a chain that breaks": {
    link: ({ one, broken, sum }) => chain([one.with(null), broken.with(null), sum.with((previous: unknown) => previous)]),
    runs: 4,
    state: "failed",
    result: null,
    never: ["sum"],
  },
  "a group of 10": { link: ({ one }) => group(times(10, () => one.with(null))), runs: 11, state: "succeeded", result: times(10, () => 1) },
  "a group of 10 that goes on": {
    link: ({ one, broken }) => group([broken.with(null), ...times(8, () => one.with(null)), broken.with(null)], { onFailure: "continue" }),
    runs: 11,
    state: "succeeded",
    result: [null, ...times(8, () => 1), null],
  },
  "a group of 10 that breaks": {
    link: ({ one, broken }) => group([...times(5, () => one.with(null)), broken.with(null), ...times(4, () => one.with(null))]),
    runs: 11,
    state: "failed",
    result: null,
  },
  "a nested chord": {
    link: ({ one, sum }) =>
      chain([
        chord(
          [chain([one.with(null), sum.with((previous: number) => [previous, 1])]), group([one.with(null), one.with(null)])],
          sum.with((results: readonly unknown[]) => results),
        ),
        group([sum.with((previous: number) => [previous, 1]), sum.with((previous: number) => [previous, 2])]),
      ]),
    runs: 13,
    state: "succeeded",
    result: [5, 6],
  },
  "a chord whose header breaks": {
    link: ({ one, broken, sum }) =>
      chord(
        [one.with(null), broken.with(null)],
        sum.with((results: readonly unknown[]) => results),
      ),
    runs: 5,
    state: "failed",
    result: null,
    never: ["sum"],
  },
};
