import { isEnded } from "../../../core/states.ts";
import { ArtifactLinks } from "./artifact-links.tsx";
import { durationWords } from "./formats.ts";
import type { PageContext } from "./page-context.ts";
import { RunActions } from "./run-actions.tsx";
import { attemptWords, Doing, RunFailure, RunProgress, StateBadge, stepsLeft, Time } from "./run-parts.tsx";
import { pagePaths } from "./run-paths.ts";
import { type RunView, versionOf } from "./run-view.ts";

/** A run in the list of somebody's own. */
export function RunCard({ context, view }: { readonly context: PageContext; readonly view: RunView }) {
  const { run } = view;
  const { site, locale, text, say } = context;
  const took = run.started !== null && run.ended !== null ? text("took", { duration: durationWords(run.ended - run.started, locale) }) : null;
  const extras = [took, attemptWords({ context, run }), ...view.notes, stepsLeft({ context, run })].filter((words) => words !== null);
  return (
    <li
      id={`run-${run.id}`}
      class="errand-card errand-run"
      data-errand-run={run.id}
      data-errand-version={versionOf(view)}
      data-errand-ended={isEnded(run.state) ? "" : undefined}
      data-errand-said={`${run.name}: ${say({ key: `web.state.${run.state}` })}`}
    >
      <div class="errand-run-head">
        <h2>
          <a href={pagePaths(site).run(run.id)}>{run.name}</a>
        </h2>
        <StateBadge context={context} state={run.state} />
      </div>
      <Doing context={context} run={run} />
      <RunProgress context={context} run={run} />
      <RunFailure context={context} run={run} />
      <p class="errand-quiet errand-meta">
        <Time context={context} at={run.created} />
        {extras.map((words) => (
          <span>{words}</span>
        ))}
      </p>
      <ArtifactLinks context={context} view={view} />
      <RunActions context={context} view={view} />
    </li>
  );
}
