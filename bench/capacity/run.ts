import { parseArgs } from "node:util";
import { tell } from "../measure.ts";
import { compareAll } from "./compare.ts";
import { Database } from "./database.ts";
import { fillRuns } from "./fill.ts";
import { grown } from "./grown.ts";
import { lifecycleCost } from "./lifecycle-cost.ts";
import { comparisonTable, costTable, sizeTable } from "./report.ts";
import { sizesOf } from "./sizes.ts";

/** `npm run capacity -- --rows N [--small N] [--rounds N]`: exit status 0 when no question has grown with the table, 1 when one has. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: "string" }, small: { type: "string" }, rounds: { type: "string" } } });
  const rows = count("--rows", values.rows ?? "10000000", 20_000);
  const few = count("--small", values.small ?? "20000", 20_000);
  const rounds = count("--rounds", values.rounds ?? "9", 1);

  await using large = await Database.make();
  await using small = await Database.make();
  tell(`Filling ${rows} and ${few} rows`);
  const begun = performance.now();
  await fillRuns(small, few);
  await fillRuns(large, rows);
  tell(`  took ${Math.round((performance.now() - begun) / 1000)} s`);
  print(sizeTable(await sizesOf(large)));

  tell("Asking both");
  const comparisons = await compareAll(large, small, rounds);
  print(comparisonTable(comparisons));
  const faults = grown(comparisons, rows / few);
  for (const fault of faults) tell(fault);
  if (faults.length > 0) return 1;

  tell("Whole lives");
  const costs = [];
  for (const [database, held] of [[small, few] as const, [large, rows] as const])
    for (const inFlight of [1, 50]) costs.push({ rows: held, ...(await lifecycleCost(database, 40 * Math.min(inFlight, 20 * rounds), inFlight)) });
  print(costTable(costs));
  return 0;
}

function count(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${option} must be a whole number of ${least} or more, but is ${text}.`);
}

function print(table: string): void {
  process.stdout.write(`${table}\n\n`);
}

process.exitCode = await main(process.argv.slice(2));
