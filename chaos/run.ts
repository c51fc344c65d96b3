import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Options, readOptions, usage } from "./options.ts";
import { type Ordeal, undergo } from "./ordeal.ts";
import type { Pair } from "./pairs.ts";
import { tableOf } from "./table.ts";

/** Violations of one pair that are printed. */
const SHOWN = 10;

/** Prints a table with a line for each pair of store and broker; the exit status is 1 when a promise was broken, 2 when it was called wrongly. */
async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
  const { seed, extent } = options;
  console.log(`Chaos with --seed ${seed}: ${extent.runs} runs for each pair of store and broker.`);
  // The processes of the installations decide by themselves whether they take runs; this one takes none.
  process.env.ERRAND_WORKER = "off";
  await shareCompiledCode();
  const left = options.pairs.values();
  const ordeals = new Map<Pair, Ordeal | Error>();
  const next = async (): Promise<void> => {
    for (const pair of left) {
      const ordeal = await undergo(pair, options).catch((error: Error) => error);
      ordeals.set(pair, ordeal);
      say(pair, ordeal);
    }
  };
  await Promise.all(Array.from({ length: extent.sideBySide }, next));
  const finished = options.pairs.map((pair) => ordeals.get(pair)).filter((ordeal): ordeal is Ordeal => ordeal !== undefined && "figures" in ordeal);
  console.log(
    `\n${tableOf(finished.map(({ pair, figures, seconds, violations }) => ({ pair: pair.name, ...figures, seconds, verdict: violations.length === 0 ? "kept" : "BROKEN" })))}`,
  );
  const broken = [...ordeals.values()].filter((ordeal) => !("figures" in ordeal) || ordeal.violations.length > 0).length;
  console.log(broken === 0 ? "\nEvery promise was kept." : `\nNot kept by ${broken} of ${ordeals.size}. Again: --seed ${seed}`);
  return broken === 0 ? 0 : 1;
}

/** The many processes that are started here need not compile the same code anew, which is most of what they do. */
async function shareCompiledCode(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "errand-chaos-compiled-"));
  process.env.NODE_COMPILE_CACHE = folder;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}

function say({ name }: Pair, ordeal: Ordeal | Error): void {
  if (!("figures" in ordeal)) return console.log(`${name} could not be put to the test: ${ordeal.stack}`);
  const { violations, folder, seconds } = ordeal;
  console.log(
    `${name}: ${violations.length === 0 ? "kept" : `${violations.length} violations`} after ${seconds} s${folder === undefined ? "" : `; see ${folder}`}`,
  );
  for (const violation of violations.slice(0, SHOWN)) console.log(`  ${violation}`);
  if (violations.length > SHOWN) console.log(`  and ${violations.length - SHOWN} more`);
}

// So that "exit" is told, and nothing is left of what was begun.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));
