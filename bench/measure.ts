/** What one measurement says, as it is printed. `ratio` reads "higher is better" on every line. */
export interface Line {
  readonly name: string;
  readonly ours: number;
  /** A rate of something to compare with, or a budget. */
  readonly reference: number;
  readonly unit: string;
  readonly ratio: number;
}

export interface Pair {
  readonly ours: number;
  readonly reference: number;
}

type Sample = () => Promise<number> | number;

/** Many short rounds stand a busy machine better than a few long ones. Odd, so that the median is one of them. */
const ROUNDS = 15;
/** Rounds that do not count, while code is compiled and caches fill. */
const WARM_UP = 3;

/** Measures both by turns, after rounds of each that do not count. Which goes first changes every round, so that no side always runs on what the other left. */
export async function interleave(ours: Sample, reference: Sample): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const [first, second] = round % 2 === 0 ? [ours, reference] : [reference, ours];
    const [one, other] = [await first(), await second()];
    if (round >= WARM_UP) pairs.push(round % 2 === 0 ? { ours: one, reference: other } : { ours: other, reference: one });
  }
  return pairs;
}

/** Measures one thing several times, after a round that does not count. */
export async function repeat(sample: Sample, rounds: number): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const value = await sample();
    if (round > 0) samples.push(value);
  }
  return samples;
}

/** A rate, the higher the better: the round whose ratio is the median, since only what was measured side by side can be compared. */
export function rateLine(name: string, unit: string, pairs: readonly Pair[]): Line {
  const byRatio = [...pairs].sort((one, other) => one.ours / one.reference - other.ours / other.reference);
  const middle = byRatio[Math.floor(byRatio.length / 2)] as Pair;
  tellSpread(
    name,
    byRatio.map(({ ours, reference }) => ours / reference),
  );
  return line(name, unit, middle.ours, middle.reference, middle.ours / middle.reference);
}

/** A cost, the lower the better, against what it may be at most. */
export function budgetLine(name: string, unit: string, budget: number, costs: readonly number[]): Line {
  const sorted = [...costs].sort((one, other) => one - other);
  const cost = sorted[Math.floor(sorted.length / 2)] as number;
  tellSpread(name, sorted.map((value) => budget / value).reverse());
  return line(name, unit, cost, budget, budget / cost);
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] as number;
}

function line(name: string, unit: string, ours: number, reference: number, ratio: number): Line {
  const values = [ours, reference, ratio];
  if (!values.every((value) => Number.isFinite(value) && value > 0)) throw new Error(`${name} measured nothing that can be compared: ${values.join(", ")}.`);
  const [first, second, third] = values.map((value) => Number(value.toPrecision(4))) as [number, number, number];
  return { name, ours: first, reference: second, unit, ratio: third };
}

/** To stderr, for whoever watches: stdout is for the lines alone. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function tellSpread(name: string, ratios: readonly number[]): void {
  tell(`${name}: ratio ${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)} in ${ratios.length} rounds`);
}
