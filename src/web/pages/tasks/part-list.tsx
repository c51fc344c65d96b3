import type { Run } from "../../../core/run.ts";
import { isEnded } from "../../../core/states.ts";
import { ArtifactLinks } from "./artifact-links.tsx";
import { durationWords } from "./formats.ts";
import type { PageContext } from "./page-context.ts";
import type { PartsPage } from "./parts.ts";
import { attemptWords, Doing, RunFailure, RunProgress, StateBadge, stepsLeft } from "./run-parts.tsx";
import { pagePaths, withQuery } from "./run-paths.ts";
import { type RunView, versionOf } from "./run-view.ts";

type LinkKind = NonNullable<Run["kind"]>;

const kinds: Readonly<Record<LinkKind, string>> = { chain: "kind.chain", group: "kind.group", chord: "kind.chord" };

interface PartsSectionProps {
  readonly context: PageContext;
  /** The container. */
  readonly view: RunView;
  /** Undefined leaves what the reader's page shows as it is: the script knows such an empty section. */
  readonly parts: PartsPage | undefined;
}

/** The runs that a container links, a page at a time. */
export function PartsSection({ context, view: { run, may }, parts }: PartsSectionProps) {
  if (!parts) return <section class="errand-parts" data-errand-later />;
  const { site, text } = context;
  const path = pagePaths(site).run(run.id);
  const { views, last, next, isFirst } = parts;
  const hasFailed = isFirst && [...views, ...(last ? [last] : [])].some((view) => view.run.state === "failed");
  return (
    <section class="errand-parts" aria-labelledby="parts" data-errand-parts>
      <div class="errand-run-head">
        <h2 id="parts">{text("parts")}</h2>
        <span class="errand-quiet">{text(kinds[run.kind as LinkKind])}</span>
      </div>
      {hasFailed && may.rerun ? (
        <form method="post" action={`${path}/rerun`} class="errand-actions">
          <input type="hidden" name="next" value={path} />
          <input type="hidden" name="only" value="failed" />
          <button type="submit" class="errand-small">
            {text("rerun_failed")}
          </button>
        </form>
      ) : null}
      <ol class="errand-part-list" id="part-list" aria-labelledby="parts">
        {views.map((view) => (
          <PartRow context={context} view={view} />
        ))}
      </ol>
      {isFirst && !next ? null : (
        <p class="errand-actions errand-more">
          {next ? (
            <a class="errand-small errand-button" rel="next" href={withQuery(path, { parts: next })} data-errand-more>
              {text("more_parts")}
            </a>
          ) : null}
          {isFirst ? null : <a href={path}>{text("first_parts")}</a>}
        </p>
      )}
      {last ? (
        <>
          <h3 id="then">{text("then")}</h3>
          <ol class="errand-part-list" aria-labelledby="then">
            <PartRow context={context} view={last} />
          </ol>
        </>
      ) : null}
    </section>
  );
}

/** A run in the list of what it is a part of. Its end is not said aloud: there may be hundreds. */
export function PartRow({ context, view }: { readonly context: PageContext; readonly view: RunView }) {
  const { run } = view;
  const { site, text, locale } = context;
  const kind = run.kind === null ? null : text(kinds[run.kind]);
  const took = run.started !== null && run.ended !== null ? text("took", { duration: durationWords(run.ended - run.started, locale) }) : null;
  const extras = [kind, took, attemptWords({ context, run }), stepsLeft({ context, run })].filter((words) => words !== null);
  return (
    <li
      id={`run-${run.id}`}
      class="errand-part"
      data-errand-run={run.id}
      data-errand-part
      data-errand-version={versionOf(view)}
      data-errand-ended={isEnded(run.state) ? "" : undefined}
    >
      <div class="errand-part-head">
        <a href={pagePaths(site).run(run.id)}>{run.name}</a>
        <StateBadge context={context} state={run.state} />
        {extras.length === 0 ? null : (
          <span class="errand-quiet errand-meta">
            {extras.map((words) => (
              <span>{words}</span>
            ))}
          </span>
        )}
      </div>
      <Doing context={context} run={run} />
      <RunProgress context={context} run={run} />
      <RunFailure context={context} run={run} />
      <ArtifactLinks context={context} view={view} />
    </li>
  );
}
