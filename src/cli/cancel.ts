import { stateLabel } from "../core/states.ts";
import { print, readArguments, withErrand } from "./command.ts";
import { documentOf } from "./describe-run.ts";
import { NoSuchRun } from "./no-such-run.ts";
import { UsageError } from "./usage-error.ts";

/** `errand cancel <app> <run>…`: wishes the end of runs. */
export async function cancel(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  const [app, ...ids] = positionals;
  if (ids.length === 0) throw new UsageError("errand cancel needs the app and one run id or more.");
  await withErrand(app, async (errand) => {
    for (const id of ids) {
      const run = await errand.cancel(id);
      if (!run) throw new NoSuchRun(id);
      print(values.json ? JSON.stringify(documentOf(errand, run)) : `${run.id} ${stateLabel(run.state)}`);
    }
  });
}
