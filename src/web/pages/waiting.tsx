import type { Message } from "../../core/messages.ts";
import { percentage } from "../../core/progress.ts";
import type { Run } from "../../core/run.ts";
import { attemptNote } from "../progress-notes.ts";
import { refreshAfter } from "../retry-after.ts";
import type { Site } from "../site.ts";
import { stateText } from "../state-text.ts";
import { Layout } from "./layout.tsx";
import { StepList } from "./step-list.tsx";
import { pagePaths } from "./tasks/run-paths.ts";

interface WaitingPageProps {
  readonly site: Site;
  readonly language: string;
  readonly run: Run;
  /** The address of this page, where a canceled run is looked at again. */
  readonly checkUrl: string;
  readonly now: number;
  /** What else is true of it at the moment, in words. */
  readonly notes: readonly string[];
  /** Whether to offer the button. True by default. */
  readonly mayCancel?: boolean;
  readonly say: (message: Message) => string;
}

/**
 * Shows a run under way. Without JavaScript it asks for itself again: often at first, every 10 s for a long run. With it, asynctask.js keeps
 * the bar and `.errand-status` true; what it does not is in `noscript`.
 */
export function WaitingPage({ site, language, run, checkUrl, now, notes, mayCancel = true, say }: WaitingPageProps) {
  const title = say({ key: "web.waiting_title" });
  const attempt = attemptNote(run);
  return (
    <Layout
      site={site}
      language={language}
      title={`${title} ${run.name}`}
      refresh={refreshAfter(now - run.created)}
      checkUrl={`${checkUrl}${checkUrl.includes("?") ? "&" : "?"}ajax=1`}
    >
      <h1>{title}</h1>
      <p class="errand-name">{run.name}</p>
      <Progress run={run} say={say} />
      <p class="errand-status">
        {stateText(run, say)}
        {attempt ? <span class="errand-quiet"> · {say(attempt)}</span> : null}
      </p>
      <StepList run={run} say={say} />
      <p class="errand-quiet errand-note">{notes.join(" · ")}</p>
      <noscript>
        <p class="errand-quiet">
          {say({ key: "web.last_change" })} <time datetime={new Date(run.modified).toISOString()}>{ago(language, now - run.modified)}</time>
        </p>
      </noscript>
      {run.kind === null ? null : (
        <p>
          <a href={pagePaths(site).run(run.id)}>{say({ key: "pages.parts" })}</a>
        </p>
      )}
      {run.state === "canceling" ? <p>{say({ key: "web.canceling" })}</p> : null}
      {run.state !== "canceling" && mayCancel ? (
        <form method="post" action={site.cancelPath(run.id)}>
          <input type="hidden" name="next" value={checkUrl} />
          <button type="submit">{say({ key: "web.cancel" })}</button>
        </form>
      ) : null}
      <p class="errand-quiet">{say({ key: "web.waiting_note" })}</p>
    </Layout>
  );
}

function Progress({ run, say }: Pick<WaitingPageProps, "run" | "say">) {
  // A single step that is not done tells nothing: the bar only shows that something is going on.
  if (run.totalSteps <= 1 || run.attempt === 0) return <progress aria-label={say({ key: "web.progress_unknown" })} />;
  const percent = percentage(run);
  return (
    <p class="errand-progress">
      <progress aria-label={say({ key: "web.progress" })} max={100} value={percent}>
        {say({ key: "web.percent", params: { percentage: percent } })}
      </progress>
      <span>
        {run.steps
          ? say({ key: "web.percent", params: { percentage: percent } })
          : say({ key: "web.steps", params: { completed: run.completedSteps, total: run.totalSteps } })}
      </span>
    </p>
  );
}

function ago(language: string, ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (seconds < 120) return format.format(-seconds, "second");
  return seconds < 7200 ? format.format(-Math.round(seconds / 60), "minute") : format.format(-Math.round(seconds / 3600), "hour");
}
