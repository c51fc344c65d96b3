import { slot } from "./statements.ts";

/** Most values that one statement is given: every database takes that many. */
const MOST = 8192;

/** Asks about a list of any length, in lists that one statement can take, `padded`. */
export async function inBatches<T>(list: readonly string[], ask: (padded: string[]) => Promise<T[]>): Promise<T[]> {
  const answers: T[] = [];
  for (let start = 0; start < list.length; start += MOST) {
    for (const answer of await ask(padded(list.slice(start, start + MOST)))) answers.push(answer);
  }
  return answers;
}

/** The list with its last entry repeated up to a power of two, so that lists of every length share few statements. */
export function padded<T>(list: readonly T[]): T[] {
  if (list.length === 1) return [...list];
  const length = 2 ** Math.ceil(Math.log2(list.length));
  return Array.from({ length }, (_, index) => list[Math.min(index, list.length - 1)] as T);
}

/** Slots "0", "1", … for a list. */
export function slots(values: readonly unknown[]): string[] {
  return values.map((_, index) => slot<string>(String(index)));
}

/** The values of those slots. */
export function named(values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(values.map((value, index) => [String(index), value]));
}
