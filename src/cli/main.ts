import { ErrandError } from "../core/errors.ts";
import { cancel } from "./cancel.ts";
import { list } from "./list.ts";
import { migrate } from "./migrate.ts";
import { NoSuchRun } from "./no-such-run.ts";
import { purge } from "./purge.ts";
import { rerun } from "./rerun.ts";
import { show } from "./show.ts";
import { usage } from "./usage.ts";
import { UsageError } from "./usage-error.ts";
import { watch } from "./watch.ts";
import { worker } from "./worker.ts";

/** Resolves with the exit status when it is not 0. */
type Command = (args: readonly string[]) => Promise<number | void>;

const commands: Readonly<Record<string, Command>> = { worker, migrate, list, show, watch, cancel, rerun, purge };

/** Runs one command. Resolves with the exit status: 0 well, 1 failed, 2 called wrongly. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || args.some((arg) => arg === "--help" || arg === "-h")) {
    process.stdout.write(usage);
    return name === undefined ? 2 : 0;
  }
  const command = commands[name];
  try {
    if (!command || !Object.hasOwn(commands, name)) throw new UsageError(`There is no command ${JSON.stringify(name)}.`);
    return (await command(rest)) ?? 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`errand: ${error.message}\n\n${usage}`);
      return 2;
    }
    const isExpected = error instanceof ErrandError || error instanceof NoSuchRun;
    process.stderr.write(`errand: ${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}
