import { type Duration, milliseconds } from "../core/duration.ts";
import { print, readArguments, withErrand } from "./command.ts";
import { isModule } from "./load-errand.ts";
import { UsageError } from "./usage-error.ts";

/** `errand purge <app>`: deletes what ended long ago, with its files. */
export async function purge(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { "older-than": { type: "string", default: "30d" } });
  if (positionals[0] !== undefined && !isModule(positionals[0])) {
    throw new UsageError("errand purge needs the app's module, not a database alone: only the app knows where its files are.");
  }
  const olderThan = asDuration(values["older-than"] as string);
  await withErrand(positionals[0], async (errand) => {
    const purged = await errand.purge({ olderThan });
    print(values.json ? JSON.stringify({ purged }) : `Purged ${purged} ${purged === 1 ? "run" : "runs"}.`);
  });
}

function asDuration(text: string): Duration {
  try {
    milliseconds("--older-than", text as Duration);
    return text as Duration;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
