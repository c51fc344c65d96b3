import { parseArgs } from "node:util";
import type { HarmCounts } from "./harms.ts";
import { type Pair, pairs } from "./pairs.ts";

/** How much is done to each pair. Spans in ms. */
export interface Extent {
  readonly runs: number;
  readonly users: number;
  readonly workers: number;
  readonly concurrency: number;
  readonly harms: HarmCounts;
  readonly outage: number;
  readonly lease: number;
  readonly sweepEvery: number;
  /** Pairs at the same time. */
  readonly sideBySide: number;
}

export interface Options {
  readonly seed: number;
  readonly pairs: readonly Pair[];
  readonly extent: Extent;
  /** Keeps the folders of all pairs, not only of those that failed. */
  readonly keep: boolean;
}

const full: Extent = {
  runs: 2000,
  users: 60,
  workers: 3,
  concurrency: 10,
  harms: { kills: 20, starterKills: 3, freezes: 3, outages: 1, flushes: 2, cuts: 3 },
  outage: 10_000,
  lease: 4000,
  sweepEvery: 1000,
  sideBySide: 2,
};

const short: Extent = {
  runs: 120,
  users: 24,
  workers: 2,
  concurrency: 10,
  harms: { kills: 1, starterKills: 1, freezes: 1, outages: 1, flushes: 1, cuts: 1 },
  outage: 1500,
  lease: 2000,
  sweepEvery: 500,
  sideBySide: 8,
};

export const usage = `Use: npm run chaos [-- --short] [--seed <number>] [--pair <store>+<broker>]… [--runs <number>] [--keep]
Pairs: ${pairs.map(({ name }) => name).join(", ")}`;

/** @throws Error in one line when it was called wrongly */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      seed: { type: "string" },
      runs: { type: "string" },
      pair: { type: "string", multiple: true, default: [] },
    },
  });
  const extent = values.short ? short : full;
  return {
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber("--seed", values.seed),
    pairs: values.pair.length === 0 ? pairs : values.pair.map(pairNamed),
    extent: values.runs === undefined ? extent : { ...extent, runs: wholeNumber("--runs", values.runs) },
    keep: values.keep,
  };
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${name} must be a whole number of 0 or more, but is ${text}.`);
  return number;
}

function pairNamed(name: string): Pair {
  const pair = pairs.find((one) => one.name === name);
  if (!pair) throw new Error(`There is no pair ${name}.`);
  return pair;
}
