import type { RunBody } from "../../core/wire.ts";
import { liveRuns } from "../live/live.ts";
import { getDocument } from "./run-requests.ts";

/** Between two looks while changes are heard as they happen, in case that is not so, and while they are not, ms. */
const LIVE_PAUSE = 15_000;
const PAUSE = 2000;

/** Shows the document at `url` as it is and as it becomes, until its end; `onGone` is called when there is none. A revision may come twice. */
export function followDocument(url: string, show: (run: RunBody) => void, onGone: () => void, signal: AbortSignal): void {
  const over = new AbortController();
  signal.addEventListener("abort", () => over.abort());
  const id = url.split("/").filter(Boolean).at(-1) as string;
  const live = liveRuns();
  let bell = Promise.withResolvers<void>();
  const hear = (run: RunBody) => {
    show(run);
    if (run.ended !== null) over.abort();
  };
  const stop = live.listen({
    changed: (run) => run.id === id && hear(run),
    gone: (gone) => gone === id && bell.resolve(),
    live: (isLive) => isLive || bell.resolve(),
  });
  over.signal.addEventListener("abort", () => {
    stop();
    bell.resolve();
  });
  void (async () => {
    while (!over.signal.aborted) {
      bell = Promise.withResolvers();
      const run = await getDocument<RunBody>(url);
      if (over.signal.aborted) return;
      if (run === "gone") {
        over.abort();
        return onGone();
      }
      if (run) hear(run);
      if (!over.signal.aborted) await pause(live.covers(id) ? LIVE_PAUSE : PAUSE, bell.promise);
    }
  })();
}

/** Waits `ms`, or until `bell`, or until somebody comes to look at the page. */
export function pause(ms: number, bell: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    document.addEventListener("visibilitychange", wake);
    void bell.then(wake);
  });
}
