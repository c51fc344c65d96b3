import { expect, test } from "vitest";
import { type History, MOST_SAMPLES, remaining, type Sample, withSamples } from "../../src/core/estimate.ts";
import { startsIn } from "../../src/core/queue-place.ts";
import { type Recorded, recorded } from "./recorded-histories.ts";

/** Where in a run somebody looks: parts of its time. */
const LOOKS = [0, 0.1, 0.3, 0.5, 0.8, 0.95];

const total = ({ spans }: Sample) => spans.reduce((sum, span) => sum + span, 0);
const named = (steps: readonly string[]) => (steps.length === 0 ? null : steps.map((label) => ({ label, weight: 1 })));

/** A run of these spans after so many ms: in which step it is, and since when. */
function runAt(steps: readonly string[], sample: Sample, elapsed: number) {
  let step = 0;
  let began = 0;
  while (step < sample.spans.length - 1 && began + (sample.spans[step] as number) <= elapsed) began += sample.spans[step++] as number;
  return { state: "in_progress" as const, steps: named(steps), step, stepStarted: began, totalSteps: sample.steps };
}

interface Look {
  readonly told: boolean;
  readonly held: boolean;
  /** Width of the range, as a part of what the run took. */
  readonly width: number;
}

/** What is told of each run of a series, from those before it alone, each time that somebody looks. */
function looks({ steps, runs }: Recorded): Look[] {
  let history: History | null = null;
  return runs.flatMap((sample) => {
    const took = total(sample);
    const all = LOOKS.map((part): Look => {
      const elapsed = Math.floor(took * part);
      const range = remaining(history, runAt(steps, sample, elapsed), elapsed);
      if (range === null) return { told: false, held: false, width: 0 };
      const left = took - elapsed;
      return { told: true, held: range.from <= left && left <= range.to, width: (range.to - range.from) / took };
    });
    history = withSamples(history, steps, [sample]);
    return all;
  });
}

const names = [...new Set(recorded.map(({ name }) => name))];
const share = (part: number, whole: number) => Math.round((1000 * part) / whole) / 1000;

test.each(names)("%s: the range holds the true end in at least 80 % of cases, and something is told in most", (name) => {
  const all = recorded.filter((series) => series.name === name).flatMap(looks);
  const told = all.filter((look) => look.told);
  expect(share(told.filter(({ held }) => held).length, told.length)).toBeGreaterThanOrEqual(0.8);
  expect(share(told.length, all.length)).toBeGreaterThan(0.8);
});

test.each(names.filter((name) => recorded.find((series) => series.name === name)?.isSteady))(
  "%s: where runs take about the same, the range is narrow",
  (name) => {
    const told = recorded
      .filter((series) => series.name === name)
      .flatMap(looks)
      .filter((look) => look.told);
    const widths = told.map(({ width }) => width).sort((one, other) => one - other);
    expect(widths[Math.floor(widths.length / 2)]).toBeLessThan(0.4);
  },
);

test("it is narrower than from the whole history where a run has shown already that it is one of the long ones", () => {
  const samples = Array.from({ length: 20 }, (_, index): Sample => ({ steps: 1, spans: [index % 2 === 0 ? 10_000 + index : 60_000 + index] }));
  const history = withSamples(null, [], samples);
  const run = { state: "in_progress" as const, steps: null, step: 0, stepStarted: 0, totalSteps: 1 };
  const early = remaining(history, run, 0);
  const late = remaining(history, run, 15_000);
  expect(early?.from).toBeLessThan(10_001);
  expect(early?.to).toBeGreaterThan(60_000);
  expect(late?.from).toBeGreaterThan(30_000);
  expect(late?.to).toBeLessThan(70_000);
});

test("fewer than 5 samples tell nothing, nor do fewer than 5 that took as long", () => {
  const run = { state: "in_progress" as const, steps: null, step: 0, stepStarted: 0, totalSteps: 1 };
  const history = (count: number) =>
    withSamples(
      null,
      [],
      Array.from({ length: count }, (): Sample => ({ steps: 1, spans: [10_000] })),
    );
  expect(remaining(null, run, 0)).toBeNull();
  for (const count of [1, 2, 3, 4]) expect(remaining(history(count), run, 0)).toBeNull();
  expect(remaining(history(5), run, 0)).not.toBeNull();
  expect(remaining(history(50), run, 10_001)).toBeNull();
  const long = Array.from({ length: 4 }, (): Sample => ({ steps: 1, spans: [20_000] }));
  expect(remaining(withSamples(history(40), [], long), run, 15_000)).toBeNull();
  expect(remaining(withSamples(history(40), [], [...long, ...long]), run, 15_000)).not.toBeNull();
});

test("only a run under way is told of, and never less than nothing", () => {
  const history = withSamples(
    null,
    [],
    Array.from({ length: 9 }, (_, index): Sample => ({ steps: 1, spans: [1000 * (index + 1)] })),
  );
  const run = { steps: null, step: 0, stepStarted: 0, totalSteps: 1 };
  for (const state of ["pending", "retrying", "canceling", "succeeded", "failed", "canceled"] as const)
    expect(remaining(history, { ...run, state }, 0)).toBeNull();
  expect(remaining(history, { ...run, state: "in_progress", stepStarted: null }, 0)).toBeNull();
  for (const at of [-5000, 0, 3999, 4000]) {
    const span = remaining(history, { ...run, state: "in_progress" }, at);
    expect(span?.from).toBeGreaterThanOrEqual(0);
    expect(span?.to).toBeGreaterThan(span?.from as number);
  }
});

test("a task whose steps have changed learns anew, and no more than so many runs are remembered, the latest", () => {
  const sample = (span: number): Sample => ({ steps: 2, spans: [span, 1] });
  const old = withSamples(
    null,
    ["a", "b"],
    Array.from({ length: 60 }, (_, index) => sample(index)),
  );
  expect(old.samples).toHaveLength(MOST_SAMPLES);
  expect(old.samples.at(-1)).toEqual(sample(59));
  const run = { state: "in_progress" as const, steps: named(["a", "c"]), step: 0, stepStarted: 0, totalSteps: 2 };
  expect(remaining(old, run, 0)).toBeNull();
  expect(withSamples(old, ["a", "c"], [sample(7)])).toEqual({ steps: ["a", "c"], samples: [sample(7)] });
  expect(withSamples(old, ["a", "b"], [sample(7)]).samples).toHaveLength(MOST_SAMPLES);
});

test("a waiting run begins when as many have ended as are before it, by the pace of late; too few ended tell nothing", () => {
  expect(startsIn(3, { ended: 4, span: 60_000 })).toBeNull();
  expect(startsIn(3, { ended: 0, span: 0 })).toBeNull();
  const soon = startsIn(0, { ended: 60, span: 60_000 });
  const later = startsIn(99, { ended: 60, span: 60_000 });
  expect(soon?.from).toBeGreaterThan(0);
  expect(soon?.to).toBeGreaterThan(1000);
  expect(later?.from).toBeGreaterThan(40_000);
  expect(later?.from).toBeLessThan(100_000);
  expect(later?.to).toBeGreaterThan(100_000);
  expect(later?.to).toBeLessThan(150_000);
});
