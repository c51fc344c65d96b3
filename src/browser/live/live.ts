/**
 * The module errand-live.js, which the others load when there is something to follow. It looks for the stream beside itself; where an app
 * serves the scripts from a folder of its own there is none, and pages go on asking.
 */

import type { PretixBody, RunBody } from "../../core/wire.ts";
import { LiveRuns } from "./live-runs.ts";

/** A run that is not told of after this time, ms, belongs to nobody whom the stream is for: perhaps somebody has signed in since. */
const RENEW_AFTER = 1000;

const known = new Map<string, LiveRuns>();

/** The runs of whoever is signed in, the same object for all that ask on this page. `mount`: where Errand is mounted, with a slash at its end. */
export function liveRuns(mount: string = import.meta.url): LiveRuns {
  const url = new URL("events/", mount).href;
  const runs = known.get(url) ?? new LiveRuns(url);
  known.set(url, runs);
  return runs;
}

/**
 * Follows a run for whoever otherwise polls. `show` gets what has changed, as a poll would; `wake` is called when it is time to ask: at the
 * end, or when nothing more is heard. Returns whether all changes are heard at the moment.
 */
export function followRun(id: string | undefined, show: (body: Partial<PretixBody>) => void, wake: () => void, signal: AbortSignal): () => boolean {
  const live = liveRuns();
  const changed = (run: RunBody) => {
    if (run.id !== id) return;
    if (run.ended === null) show(pretixBody(run));
    else wake();
  };
  if (!id || signal.aborted) return () => false;
  const stop = live.listen({ changed, gone: (gone) => gone === id && wake(), live: (isLive) => isLive || wake() });
  signal.addEventListener("abort", stop);
  const begun = live.find(id);
  if (begun) changed(begun);
  else setTimeout(() => signal.aborted || live.find(id) || live.renew(), RENEW_AFTER);
  return () => live.covers(id);
}

function pretixBody({ state, state_text: text, percentage, steps: lines }: RunBody): Partial<PretixBody> {
  const isPending = state === "Pending";
  const steps = lines.map((line) => ({ label: line.label, done: line.state === "done" }));
  return { state: state.toLowerCase().replace(" ", "_"), text, started: !isPending, ...(!isPending && { percentage, steps }) };
}
