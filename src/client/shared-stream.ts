import type { RunBody } from "../core/wire.ts";
import type { Requests } from "./requests.ts";

/** Between two questions about a run whose every change is heard, in case one was not, ms. */
const HEARD_PAUSE = 60_000;
/** A run that is not told of after this time, ms, belongs to nobody whom the stream is for: perhaps somebody has signed in since. */
const RENEW_AFTER = 1000;

/** What is used of errand-live.js, which every Errand serves. */
interface LiveModule {
  liveRuns(mount: string): LiveRuns;
}

interface LiveRuns {
  readonly isLive: boolean;
  covers(id: string): boolean;
  find(id: string): RunBody | undefined;
  renew(): void;
  listen(listener: { changed(run: RunBody): void; gone(id: string): void; live(isLive: boolean): void }): () => void;
}

/** The one stream that all pages of a browser have in common. */
export interface SharedStream {
  follow(url: URL, signal: AbortSignal): Following;
}

/** What the stream tells of one run. */
export interface Following {
  /** What is heard until it is time to ask: after `ms`, later where every change is heard, sooner where that ends. A revision may come twice. */
  news(ms: number, onCovered: (isCovered: boolean) => void): AsyncGenerator<RunBody, void, undefined>;
  stop(): void;
}

/** Undefined outside of a page of Errand's own site, for requests that a page alone would not make, and where the script is not served. */
export async function sharedStream(requests: Requests): Promise<SharedStream | undefined> {
  const { document, location } = globalThis as { document?: unknown; location?: { origin: string } };
  if (!document || !requests.isPlain || requests.base.origin !== location?.origin) return undefined;
  const mount = requests.base.href;
  try {
    // The app's bundler must leave it to the browser: the pages and the elements load the same one.
    const module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ `${mount}errand-live.js`)) as LiveModule;
    const live = module.liveRuns(mount);
    return { follow: (url, signal) => follow(live, url, signal) };
  } catch {
    return undefined;
  }
}

function follow(live: LiveRuns, url: URL, signal: AbortSignal): Following {
  const id = url.pathname.split("/").at(-2) as string;
  let mustAsk = false;
  let ring = () => {};
  const ask = () => {
    mustAsk = true;
    ring();
  };
  const stopListening = live.listen({
    changed: (run) => run.id === id && ring(),
    gone: (gone) => gone === id && ask(),
    live: (isLive) => (isLive ? ring() : ask()),
  });
  const renewing = setTimeout(() => live.isLive && !live.find(id) && live.renew(), RENEW_AFTER);
  const wake = () => ring();
  signal.addEventListener("abort", wake);
  return {
    async *news(ms, onCovered) {
      const since = Date.now();
      while (!signal.aborted && !mustAsk) {
        onCovered(live.covers(id));
        const run = live.find(id);
        const rung = new Promise<void>((resolve) => {
          ring = resolve;
        });
        if (run) yield run;
        const left = since + (live.covers(id) ? HEARD_PAUSE : ms) - Date.now();
        if (left <= 0) break;
        const timer = setTimeout(ring, left);
        await rung;
        clearTimeout(timer);
      }
      mustAsk = false;
    },
    stop() {
      clearTimeout(renewing);
      signal.removeEventListener("abort", wake);
      stopListening();
    },
  };
}
