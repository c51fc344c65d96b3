import { percentage } from "../core/progress.ts";
import type { Run } from "../core/run.ts";
import { stateLabel } from "../core/states.ts";
import { plain } from "./describe-run.ts";

const WIDTH = 24;

/** One line on how a run goes: a bar for a terminal that is `columns` wide, plain words where there is none. */
export function progressLine(run: Run, say: (message: NonNullable<Run["stateText"]>) => string, columns?: number): string {
  const text = run.error ? say(run.error.message) : run.stateText ? say(run.stateText) : plain(run.name);
  const words = `${stateLabel(run.state)}  ${run.completedSteps}/${run.totalSteps}${run.attempt > 1 ? `  attempt ${run.attempt}` : ""}  ${plain(text)}`;
  if (columns === undefined) return `${percentage(run)} %  ${words}`;
  const done = Math.round((percentage(run) / 100) * WIDTH);
  const line = `${"█".repeat(done)}${"░".repeat(WIDTH - done)} ${String(percentage(run)).padStart(3)} %  ${words}`;
  return [...line].slice(0, Math.max(10, columns - 1)).join("");
}
