import type { Run } from "../core/run.ts";
import { isEnded } from "../core/states.ts";
import { oneRunId, print, readArguments, withErrand } from "./command.ts";
import { documentOf } from "./describe-run.ts";
import { NoSuchRun } from "./no-such-run.ts";
import { progressLine } from "./progress-line.ts";

/** `errand watch <app> <run>`: shows a run until it has ended. Resolves with 0 when it succeeded, else 1. */
export async function watch(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  const id = oneRunId("watch", positionals);
  return withErrand(positionals[0], async (errand) => {
    const say = (message: NonNullable<Run["stateText"]>) => errand.render(message, "en");
    const isTerminal = process.stdout.isTTY && !values.json;
    const draw = (run: Run): void => {
      if (values.json) print(JSON.stringify(documentOf(errand, run)));
      else if (isTerminal) process.stdout.write(`\r\u001b[K${progressLine(run, say, process.stdout.columns)}`);
      else print(progressLine(run, say));
    };
    const ended = Promise.withResolvers<Run>();
    let rev = 0;
    const onChange = (run: Run): void => {
      if (run.rev <= rev) return;
      rev = run.rev;
      draw(run);
      if (isEnded(run.state)) ended.resolve(run);
    };
    const watching = await errand.watch(id, onChange, () => ended.reject(new NoSuchRun(id)));
    if (!watching) throw new NoSuchRun(id);
    onChange(watching.run);
    const run = await ended.promise;
    watching.stop();
    if (isTerminal) print("");
    return run.state === "succeeded" ? 0 : 1;
  });
}
