import type { Sample } from "../../src/core/estimate.ts";

/** A task as it was run again and again: the spans of each run, in order. The same at every call. */
export interface Recorded {
  readonly name: string;
  /** Names of its steps; empty where it has none. */
  readonly steps: readonly string[];
  readonly runs: readonly Sample[];
  /** Nothing in it changes from run to run but by a little. */
  readonly isSteady: boolean;
}

const RUNS = 150;
const SERIES = 8;

/** Numbers from 0 to 1, always the same ones for a seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What a run of a task takes, by number. */
type Shape = (next: () => number, gauss: () => number) => (index: number) => Sample;

const whole = (span: number): Sample => ({ steps: 1, spans: [Math.max(1, Math.round(span))] });

const shapes: Readonly<Record<string, { shape: Shape; steps?: readonly string[]; isSteady?: boolean }>> = {
  constant: { isSteady: true, shape: (_, gauss) => () => whole(20_000 * (1 + 0.01 * gauss())) },
  "log-normal": { shape: (_, gauss) => () => whole(20_000 * Math.exp(0.5 * gauss())) },
  bimodal: { shape: (next, gauss) => () => whole((next() < 0.3 ? 60_000 : 10_000) * (1 + 0.1 * gauss())) },
  drifting: { shape: (_, gauss) => (index) => whole(20_000 * Math.exp(0.006 * index) * (1 + 0.1 * gauss())) },
  "slower since yesterday": { shape: (_, gauss) => (index) => whole((index < RUNS / 2 ? 10_000 : 25_000) * (1 + 0.1 * gauss())) },
  "heavy-tailed": { shape: (next) => () => whole(5000 * (1 - next()) ** (-1 / 1.3)) },
  "by size": {
    isSteady: true,
    shape: (next, gauss) => () => {
      const steps = 2 + Math.floor(next() ** 2 * 5000);
      return { steps, spans: [Math.max(1, Math.round(steps * 40 * (1 + 0.05 * gauss())))] };
    },
  },
  "steady steps": {
    isSteady: true,
    steps: ["Read", "Draw", "Store"],
    shape: (_, gauss) => () => ({ steps: 3, spans: [2000, 30_000, 5000].map((span) => Math.round(span * (1 + 0.02 * gauss()))) }),
  },
  "steps that go together": {
    steps: ["Read", "Draw", "Store"],
    shape: (_, gauss) => () => {
      const size = Math.exp(0.6 * gauss());
      return { steps: 3, spans: [1000, 20_000, 4000].map((span) => Math.round(span * size * (1 + 0.1 * gauss()))) };
    },
  },
};

export const recorded: readonly Recorded[] = Object.entries(shapes).flatMap(([name, { shape, steps = [], isSteady = false }], row) =>
  Array.from({ length: SERIES }, (_, series): Recorded => {
    const next = random(1000 * (row + 1) + series);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const run = shape(next, gauss);
    return { name, steps, isSteady, runs: Array.from({ length: RUNS }, (_, index) => run(index)) };
  }),
);
