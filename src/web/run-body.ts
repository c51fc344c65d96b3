import { iso } from "../core/iso.ts";
import { percentage } from "../core/progress.ts";
import type { Run } from "../core/run.ts";
import { stateLabel } from "../core/states.ts";
import { checklist } from "../core/steps.ts";
import type { RunBody } from "../core/wire.ts";
import type { Site } from "./site.ts";
import { stateText } from "./state-text.ts";
import { renderText } from "./texts.ts";

interface RunBodyOptions {
  readonly site: Site;
  readonly run: Run;
  /** Of what it left, oldest first. */
  readonly artifactIds: readonly string[];
  readonly language: string;
  /** Superusers also see whose run it is. */
  readonly isSuperuser: boolean;
  /** Begins all URLs, such as "https://tickets.example". */
  readonly origin: string;
}

/** The native run document. */
export function runBody({ site, run, artifactIds, language, isSuperuser, origin }: RunBodyOptions): RunBody {
  const say = (message: Parameters<typeof renderText>[1]) => renderText(site.errand, message, language);
  return {
    id: run.id,
    url: origin + site.paths.run(run.id),
    rev: run.rev,
    task: run.task,
    name: run.name,
    state: stateLabel(run.state),
    state_text: stateText(run, say),
    completed_steps: run.completedSteps,
    total_steps: run.totalSteps,
    percentage: percentage(run),
    steps: checklist(run).map(({ label, state }) => ({ label: say(label), state })),
    expected_end: expectedEnd(site, run),
    attempts: Math.max(1, run.attempt),
    created: iso(run.created),
    modified: iso(run.modified),
    started: time(run.started),
    ended: time(run.ended),
    kind: run.kind,
    parent: run.parent,
    rerun_of: run.rerunOf,
    result: run.result,
    error: run.error && say(run.error.message),
    artifacts: artifactIds.map((id) => origin + site.paths.artifact(id)),
    ...(isSuperuser && { owner: run.owner }),
  };
}

/** Of the snapshot, not of the moment: who has it already need not be told again. */
function expectedEnd({ errand }: Site, run: Run): RunBody["expected_end"] {
  const left = errand.remaining(run, run.modified);
  return left && { earliest: iso(Math.floor(run.modified + left.from)), latest: iso(Math.ceil(run.modified + left.to)) };
}

function time(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
