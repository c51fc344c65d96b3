import type { RunBody } from "../../core/wire.ts";
import { liveRuns } from "../live/live.ts";
import { pause } from "./follow-document.ts";
import { getDocument } from "./run-requests.ts";

/** Between two looks at the list where no changes are heard, ms. */
const PAUSE = 5000;
/** Runs that a tray has room for. */
const MOST = 20;

export interface OwnRunsListener {
  shown(run: RunBody): void;
  gone(id: string): void;
}

/**
 * The runs under way and just ended of whoever this page was made for, whole ones only. Each is asked for once before it is shown: what another
 * page of the browser tells may be of somebody who was signed in before. Returns what makes room for others when a run is shown no more.
 */
export function followOwnRuns(mount: string, isWanted: (run: RunBody) => boolean, listener: OwnRunsListener, signal: AbortSignal): (id: string) => void {
  const live = liveRuns(mount);
  /** The newest that was heard of runs that are not known yet to be one's own. */
  const asked = new Map<string, RunBody>();
  const own = new Set<string>();
  let isRenewed = false;
  let bell = Promise.withResolvers<void>();

  const hear = (run: RunBody) => {
    if (own.has(run.id)) return listener.shown(run);
    if (run.parent !== null || !isWanted(run) || own.size + asked.size >= MOST) return;
    const isAsked = asked.has(run.id);
    asked.set(run.id, run);
    if (!isAsked) void askFor(run);
  };
  const askFor = async ({ id, url }: RunBody) => {
    const found = await getDocument<RunBody>(url);
    const heard = asked.get(id) as RunBody;
    asked.delete(id);
    if (signal.aborted) return;
    if (found === "gone") {
      if (!isRenewed) live.renew();
      isRenewed = true;
      return;
    }
    if (!found) return void setTimeout(() => signal.aborted || hear(heard), PAUSE);
    own.add(id);
    listener.shown(found.rev > heard.rev ? found : heard);
  };
  const lose = (id: string) => {
    if (own.delete(id)) listener.gone(id);
  };

  const stop = live.listen({ changed: hear, gone: lose, live: (isLive) => isLive || bell.resolve() });
  signal.addEventListener("abort", () => {
    stop();
    bell.resolve();
  });
  for (const run of live.runs) hear(run);

  /** Where nothing is heard, the list is read. */
  void (async () => {
    const list = new URL(`tasks/?page_size=${MOST}`, mount).href;
    while (!signal.aborted) {
      bell = Promise.withResolvers();
      await pause(PAUSE, bell.promise);
      if (signal.aborted || live.isLive || document.hidden) continue;
      const runs = await getDocument<RunBody[]>(list);
      if (Array.isArray(runs)) for (const run of runs) hear(run);
    }
  })();
  return (id) => own.delete(id);
}
