import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Errand } from "../runtime/errand.ts";
import { loadErrand } from "./load-errand.ts";
import { UsageError } from "./usage-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** Reads options and positionals. Every command knows `--json`. @throws UsageError */
export function readArguments(args: readonly string[], options: Options = {}): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: "boolean" }, ...options } });
    return { values: values as Arguments["values"], positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Lets `use` work with the app's errand, which takes no runs here, and closes it. */
export async function withErrand<Result>(app: string | undefined, use: (errand: Errand) => Promise<Result>): Promise<Result> {
  const errand = await loadErrand(app);
  try {
    return await use(errand);
  } finally {
    await errand.close({ grace: 0 });
  }
}

/** The one run id that the command was given. @throws UsageError */
export function oneRunId(command: string, [, id, ...others]: readonly string[]): string {
  if (id !== undefined && others.length === 0) return id;
  throw new UsageError(`errand ${command} needs the app and one run id.`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
