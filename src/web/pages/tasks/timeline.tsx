import type { Run } from "../../../core/run.ts";
import { durationWords } from "./formats.ts";
import type { PageContext } from "./page-context.ts";
import { StateBadge, Time } from "./run-parts.tsx";

/** When the run was asked for, when it began and when it ended. */
export function Timeline({ context, run }: { readonly context: PageContext; readonly run: Run }) {
  const { text, locale, now } = context;
  const isDueLater = (run.state === "pending" || run.state === "retrying") && run.runAt > now;
  return (
    <ol class="errand-timeline">
      <li>
        <strong>{text("created")}</strong> <Time context={context} at={run.created} />
      </li>
      {run.started === null ? null : (
        <li>
          <strong>{text("started")}</strong> <Time context={context} at={run.started} />{" "}
          <span class="errand-quiet">{text("after", { duration: durationWords(run.started - run.created, locale) })}</span>
        </li>
      )}
      {isDueLater ? (
        <li>
          <strong>{text("due")}</strong> <Time context={context} at={run.runAt} />
        </li>
      ) : null}
      {run.ended === null ? null : (
        <li>
          <strong>{text("ended")}</strong> <Time context={context} at={run.ended} />{" "}
          <span class="errand-quiet">{text("after", { duration: durationWords(run.ended - (run.started ?? run.created), locale) })}</span>{" "}
          <StateBadge context={context} state={run.state} />
        </li>
      )}
    </ol>
  );
}
