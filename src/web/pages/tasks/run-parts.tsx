import { percentage } from "../../../core/progress.ts";
import type { Run } from "../../../core/run.ts";
import { isEnded, type State } from "../../../core/states.ts";
import { attemptNote } from "../../progress-notes.ts";
import { stateText } from "../../state-text.ts";
import { timeWords } from "./formats.ts";
import type { PageContext } from "./page-context.ts";

interface RunProps {
  readonly context: PageContext;
  readonly run: Run;
}

export function StateBadge({ context, state }: { readonly context: PageContext; readonly state: State }) {
  return (
    <span class="errand-badge" data-state={state}>
      {context.say({ key: `web.state.${state}` })}
    </span>
  );
}

/** A time in UTC, which the script turns into the reader's own zone. */
export function Time({ context, at }: { readonly context: PageContext; readonly at: number }) {
  return <time datetime={new Date(at).toISOString()}>{timeWords(at, context.locale)}</time>;
}

/** What the task says it is doing, or how many of linked runs succeeded; nothing while that is only its state. */
export function Doing({ context, run }: RunProps) {
  if (isEnded(run.state) && run.kind === null) return null;
  const words = stateText(run, context.say);
  return words === context.say({ key: `web.state.${run.state}` }) ? null : <p class="errand-doing">{words}</p>;
}

/** The bar of a run under way. One that counts no steps only shows that something goes on. */
export function RunProgress({ context: { say }, run }: RunProps) {
  if (isEnded(run.state) || run.state === "pending") return null;
  if (run.totalSteps <= 1) return <progress aria-label={say({ key: "web.progress_unknown" })} />;
  const percent = percentage(run);
  return (
    <p class="errand-progress">
      <progress aria-label={say({ key: "web.progress" })} max={100} value={percent}>
        {say({ key: "web.percent", params: { percentage: percent } })}
      </progress>
      <span>{run.steps ? say({ key: "web.percent", params: { percentage: percent } }) : steps(say, run)}</span>
    </p>
  );
}

/** What is worth knowing of the steps of a run that ended before they were all done. */
export function stepsLeft({ context, run }: RunProps): string | null {
  const isPartial = (run.state === "failed" || run.state === "canceled") && run.totalSteps > 1 && run.steps === null && run.attempt > 0;
  return isPartial ? steps(context.say, run) : null;
}

/** Which attempt it is, from the second on. */
export function attemptWords({ context, run }: RunProps): string | null {
  const note = attemptNote(run);
  return note && context.say(note);
}

/** Why the run failed, in words that its user may read, with the code to tell the support. */
export function RunFailure({ context: { say }, run }: RunProps) {
  if (!run.error) return null;
  const { message, support } = run.error;
  return (
    <div class="errand-failure">
      <p>{say(message)}</p>
      {support === undefined ? null : <p class="errand-support">{say({ key: "web.support", params: { code: support } })}</p>}
    </div>
  );
}

function steps(say: PageContext["say"], { completedSteps, totalSteps }: Run): string {
  return say({ key: "web.steps", params: { completed: completedSteps, total: totalSteps } });
}
