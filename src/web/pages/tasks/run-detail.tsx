import type { Run } from "../../../core/run.ts";
import { isEnded } from "../../../core/states.ts";
import type { FlashMessage } from "../../flash.ts";
import { StepList } from "../step-list.tsx";
import { ArtifactSection } from "./artifact-section.tsx";
import { ownerWords } from "./owner-words.ts";
import { counted, type PageContext } from "./page-context.ts";
import { PageFrame, RefreshNote } from "./page-frame.tsx";
import { PartsSection } from "./part-list.tsx";
import type { PartsPage } from "./parts.ts";
import { RunActions } from "./run-actions.tsx";
import { attemptWords, Doing, RunFailure, RunProgress, StateBadge, stepsLeft } from "./run-parts.tsx";
import { pagePaths, withQuery } from "./run-paths.ts";
import { type RunView, versionOf } from "./run-view.ts";
import { Timeline } from "./timeline.tsx";

interface RunDetailProps {
  readonly context: PageContext;
  readonly view: RunView;
  /** Of a container: the page of its parts; undefined leaves those that are on the reader's page as they are. */
  readonly parts?: PartsPage | undefined;
}

interface RunDetailPageProps extends RunDetailProps {
  /** What the run is a part of. */
  readonly whole: Run | null;
  readonly flashes: readonly FlashMessage[];
}

/** A run's own page. */
export function RunDetailPage({ context, view, parts, whole, flashes }: RunDetailPageProps) {
  const { site, text, superuser, address } = context;
  const paths = pagePaths(site);
  const { run } = view;
  const again = withQuery(paths.run(run.id), { parts: address.searchParams.get("parts") ?? undefined, steps: String(knownSteps(context) ?? run.totalSteps) });
  return (
    <PageFrame context={context} title={run.name} flashes={flashes} view="detail">
      {superuser && !whole ? null : (
        <p class="errand-back">
          {superuser ? null : <a href={paths.list}>{text("my_tasks")}</a>}
          {whole ? <a href={paths.run(whole.id)}>{text("part_of", { name: whole.name })}</a> : null}
        </p>
      )}
      {isEnded(run.state) ? null : <RefreshNote context={context} again={again} />}
      <RunDetail context={context} view={view} parts={parts} />
    </PageFrame>
  );
}

/** Everything of one run. */
export function RunDetail({ context, view, parts }: RunDetailProps) {
  const { run } = view;
  const { say, text, site } = context;
  const extras = [attemptWords({ context, run }), ...view.notes, stepsLeft({ context, run }), moreWork(context, run)].filter((words) => words !== null);
  return (
    <article
      id={`run-${run.id}`}
      class="errand-card errand-detail"
      data-errand-run={run.id}
      data-errand-version={versionOf(view)}
      data-errand-ended={isEnded(run.state) ? "" : undefined}
      data-errand-said={`${run.name}: ${say({ key: `web.state.${run.state}` })}`}
      data-errand-steps={run.totalSteps}
    >
      <div class="errand-run-head">
        <h1 tabindex={-1}>{run.name}</h1>
        <StateBadge context={context} state={run.state} />
      </div>
      <Doing context={context} run={run} />
      <RunProgress context={context} run={run} />
      <StepList run={run} say={say} />
      <RunFailure context={context} run={run} />
      {extras.length === 0 ? null : (
        <p class="errand-quiet errand-meta">
          {extras.map((words) => (
            <span>{words}</span>
          ))}
        </p>
      )}
      <RunActions context={context} view={view} afterDelete={pagePaths(site).list} />
      <ArtifactSection context={context} view={view} />
      {run.kind === null ? null : <PartsSection context={context} view={view} parts={parts} />}
      {run.result === null ? null : (
        <details>
          <summary>{text("returned")}</summary>
          <pre class="errand-text">{JSON.stringify(run.result, null, 2)}</pre>
        </details>
      )}
      <h2>{text("timeline")}</h2>
      <Timeline context={context} run={run} />
      <About context={context} view={view} />
    </article>
  );
}

/** How many steps the reader's page knew of when it was opened; only a number that was one at all. */
function knownSteps({ address }: PageContext): number | undefined {
  const text = address.searchParams.get("steps") ?? "";
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** That the bar has stood still, or gone back, for a good reason. A total of one step was no count yet. */
function moreWork(context: PageContext, run: Run): string | null {
  const more = run.totalSteps - (knownSteps(context) ?? run.totalSteps);
  return isEnded(run.state) || more <= 0 || knownSteps(context) === 1 ? null : counted(context, "more_work", more);
}

function About({ context, view: { run } }: RunDetailProps) {
  const { text, superuser, site } = context;
  const paths = pagePaths(site);
  return (
    <>
      <h2>{text("about")}</h2>
      <dl class="errand-facts">
        <dt>{text("task")}</dt>
        <dd>{run.task}</dd>
        {superuser ? (
          <>
            <dt>{text("owner")}</dt>
            <dd>{run.owner ?? ownerWords(context, run.owner)}</dd>
            <dt>{text("queue")}</dt>
            <dd>{run.queue}</dd>
          </>
        ) : null}
        <dt>{text("id")}</dt>
        <dd>
          <code>{run.id}</code>
        </dd>
      </dl>
      {run.rerunOf === null ? null : (
        <p>
          {text("repeats")} <a href={paths.run(run.rerunOf)}>{text("earlier_run")}</a>
        </p>
      )}
    </>
  );
}
