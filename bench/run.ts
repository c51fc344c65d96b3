import { tell } from "./measure.ts";
import type { Measurement, Suite } from "./suite.ts";
import { brokers } from "./suites/brokers.ts";
import { embedded } from "./suites/embedded.ts";
import { linked } from "./suites/linked.ts";
import { live } from "./suites/live.ts";
import { polling } from "./suites/polling.ts";
import { rest } from "./suites/rest.ts";

const suites: readonly Suite[] = [embedded, rest, polling, linked, live, brokers];

/** `node bench/run.ts [suite [measurement…]]`: prints a JSON object a line; the exit status is 0 when everything could be measured, 2 when it was called wrongly. */
async function main([suiteName, ...names]: readonly string[]): Promise<number> {
  const chosen = suiteName === undefined ? suites : suites.filter(({ name }) => name === suiteName);
  if (chosen.length === 0) return refuse(`There is no suite ${JSON.stringify(suiteName)}.`, suites);
  const measurements = chosen.flatMap((suite) => suite.measurements);
  const unknown = names.find((name) => !measurements.some((measurement) => measurement.name === name));
  if (unknown !== undefined) return refuse(`The suite ${suiteName} has no measurement ${JSON.stringify(unknown)}.`, measurements);

  let failed = 0;
  for (const measurement of measurements) {
    if (names.length > 0 && !names.includes(measurement.name)) continue;
    if (!(await print(measurement))) failed += 1;
  }
  if (failed > 0) tell(`${failed} could not be measured.`);
  return failed > 0 ? 1 : 0;
}

async function print(measurement: Measurement): Promise<boolean> {
  try {
    for (const line of await measurement.measure()) process.stdout.write(`${JSON.stringify(line)}\n`);
    return true;
  } catch (error) {
    tell(`${measurement.name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`);
    return false;
  }
}

function refuse(what: string, known: readonly { readonly name: string }[]): number {
  tell(`${what} There is: ${known.map(({ name }) => name).join(", ")}.`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
