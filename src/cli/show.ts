import { oneRunId, print, readArguments, withErrand } from "./command.ts";
import { details, document } from "./describe-run.ts";
import { NoSuchRun } from "./no-such-run.ts";

/** `errand show <app> <run>`: all of one run. */
export async function show(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  const id = oneRunId("show", positionals);
  await withErrand(positionals[0], async (errand) => {
    const run = await errand.get(id);
    if (!run) throw new NoSuchRun(id);
    const artifacts = await errand.artifacts.list([id]);
    print(values.json ? JSON.stringify(document(errand, run, artifacts)) : details(errand, run, artifacts));
  });
}
