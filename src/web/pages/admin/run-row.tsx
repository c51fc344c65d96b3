import { isEnded } from "../../../core/states.ts";
import { durationWords } from "../tasks/formats.ts";
import { ownerWords } from "../tasks/owner-words.ts";
import type { PageContext } from "../tasks/page-context.ts";
import { attemptWords, Doing, RunProgress, StateBadge, Time } from "../tasks/run-parts.tsx";
import { pagePaths, withQuery } from "../tasks/run-paths.ts";
import { type RunView, versionOf } from "../tasks/run-view.ts";

/** A run in the table of all. */
export function RunRow({ context, view }: { readonly context: PageContext; readonly view: RunView }) {
  const { run } = view;
  const { site, text, say, locale } = context;
  const paths = pagePaths(site);
  const isDone = run.started !== null && run.ended !== null;
  const attempt = attemptWords({ context, run });
  return (
    <tr
      id={`run-${run.id}`}
      data-errand-run={run.id}
      data-errand-version={versionOf(view)}
      data-errand-ended={isEnded(run.state) ? "" : undefined}
      data-errand-said={`${run.name}: ${say({ key: `web.state.${run.state}` })}`}
    >
      <td class="errand-check">
        <input type="checkbox" name="run" value={run.id} aria-label={text("select", { name: run.name })} />
      </td>
      <th scope="row">
        <a href={paths.run(run.id)}>{run.name}</a>
        <a class="errand-quiet errand-sub" href={withQuery(paths.admin, { task: run.task })}>
          {run.task}
        </a>
      </th>
      <td>
        <StateBadge context={context} state={run.state} />
        <Doing context={context} run={run} />
        <RunProgress context={context} run={run} />
        {run.error ? <p class="errand-doing">{say(run.error.message)}</p> : null}
      </td>
      <td>
        {run.owner === null ? (
          <span class="errand-quiet">{ownerWords(context, null)}</span>
        ) : (
          <a href={withQuery(paths.admin, { owner: run.owner })}>{ownerWords(context, run.owner)}</a>
        )}
      </td>
      <td class="errand-quiet errand-when">
        <Time context={context} at={run.created} />
        {isDone ? <span class="errand-sub">{text("took", { duration: durationWords((run.ended ?? 0) - (run.started ?? 0), locale) })}</span> : null}
        {attempt === null ? null : <span class="errand-sub">{attempt}</span>}
      </td>
    </tr>
  );
}
