import type { Message } from "../../core/messages.ts";
import { percentage } from "../../core/progress.ts";
import type { Run } from "../../core/run.ts";
import { isEnded } from "../../core/states.ts";
import { checklist } from "../../core/steps.ts";
import type { PretixBody } from "../../core/wire.ts";
import type { Ending } from "../ending.ts";
import { attemptNote } from "../progress-notes.ts";
import type { Site } from "../site.ts";
import { stateText } from "../state-text.ts";

/** Fields that steer the exchange and are no input of the task. */
export const protocolFields: readonly string[] = ["ajax", "ajax_dont_redirect"];

/** Where to ask how a run goes: the path of the request that started it, its query dropped. */
export function checkUrl(address: URL, runId: string): string {
  return `${address.pathname}?async_id=${runId}`;
}

interface PretixBodyOptions {
  readonly site: Site;
  readonly run: Run;
  /** How the run ended, once it has. */
  readonly ending: Ending | undefined;
  /** Only in the answer to a POST. */
  readonly checkUrl?: string;
  /** What else is true of the run at the moment, in words. */
  readonly notes: readonly string[];
  readonly say: (message: Message) => string;
}

/** A run as pretix's front end reads it. `started` is only ever true of a run that is under way. */
export function pretixBody({ site, run, ending, checkUrl, notes, say }: PretixBodyOptions): PretixBody {
  const attempt = attemptNote(run);
  const note = [...(attempt ? [say(attempt)] : []), ...notes].join(" · ");
  const isUnderWay = !isEnded(run.state) && run.attempt > 0;
  return {
    async_id: run.id,
    ready: ending !== undefined,
    started: isUnderWay,
    ...(checkUrl !== undefined && { check_url: `${checkUrl}&ajax=1` }),
    ...(ending && { success: ending.success, redirect: ending.redirect, message: ending.message }),
    ...(isUnderWay && { percentage: percentage(run), steps: checklist(run).map(({ label, state }) => ({ label: say(label), done: state === "done" })) }),
    state: run.state,
    ...(!ending && { text: stateText(run, say), note, cancel_url: site.cancelPath(run.id) }),
  };
}
