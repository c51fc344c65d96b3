import { oneRunId, print, readArguments, withErrand } from "./command.ts";
import { documentOf } from "./describe-run.ts";
import { NoSuchRun } from "./no-such-run.ts";

/** `errand rerun <app> <run>`: a new run with the same input. */
export async function rerun(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  const id = oneRunId("rerun", positionals);
  await withErrand(positionals[0], async (errand) => {
    const started = await errand.rerun(id);
    if (!started) throw new NoSuchRun(id);
    print(values.json ? JSON.stringify(documentOf(errand, started.run)) : started.id);
  });
}
