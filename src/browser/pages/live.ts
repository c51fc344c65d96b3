import type { RunBody } from "../../core/wire.ts";
import type { LiveRuns } from "../live/live-runs.ts";
import { morph } from "./morph.ts";
import { pagePart, readParts, showOffline, speak } from "./page-parts.ts";
import { visit } from "./visit.ts";

/** ms */
const QUICK = 400;
const SLOW = 5000;
const TIMEOUT = 20_000;
/** Runs that are asked about at once: further down a long list those follow that come first when others have ended. */
const MOST = 50;
/** Changes that come together are asked about together, ms. */
const GATHER = 50;
/** Each answer without news makes the next pause so much longer. */
const SLOWER = 1.5;

interface LiveBody {
  readonly changed: readonly { readonly id: string; readonly html: string }[];
  readonly gone: readonly string[];
  readonly overview?: string;
}

/** The run whose page this is, and how many steps it had when the reader came. */
let opened = { id: "", steps: "" };

/** Keeps the runs on the page true for as long as it is looked at: often while something changes, less and less while nothing does. */
export async function keepLive(): Promise<void> {
  let pause = QUICK;
  let live: LiveRuns | undefined;
  let news = Promise.withResolvers<void>();
  for (;;) {
    // What is heard of as it happens is asked for only in case it was not.
    await Promise.race([news.promise, rest(live && runsShown().every((id) => live?.covers(id)) ? SLOW : pause)]);
    news = Promise.withResolvers();
    if (document.hidden) continue;
    const asked = question();
    if (!asked) {
      pause = SLOW;
      continue;
    }
    live ??= await followRuns(() => setTimeout(() => news.resolve(), GATHER));
    const body = await ask(asked);
    showOffline(!body);
    const hasNews = body && apply(body);
    pause = hasNews ? QUICK : body ? Math.min(SLOW, pause * SLOWER) : SLOW;
  }
}

/** Calls `ring` for each change of what the page shows. Where there is no stream the page goes on asking. */
async function followRuns(ring: () => void): Promise<LiveRuns | undefined> {
  const { liveRuns } = await import("../live/live.ts").catch(() => ({ liveRuns: undefined }));
  const live = liveRuns?.();
  const wake = (id: string) => document.getElementById(`run-${id}`) && ring();
  live?.listen({ changed: ({ id }: RunBody) => wake(id), gone: wake, live: (isLive) => isLive || ring() });
  return live;
}

/** What can still change. */
function runsShown(): string[] {
  return [...document.querySelectorAll<HTMLElement>("[data-errand-run]:not([data-errand-ended])")].map(({ dataset }) => dataset.errandRun ?? "");
}

/** Where to ask about all that can still change, if anything can. */
function question(): string | undefined {
  const part = pagePart();
  const { errandLive, errandView = "" } = part?.dataset ?? {};
  const detail = document.querySelector<HTMLElement>("[data-errand-steps]");
  if (detail && detail.id !== opened.id) opened = { id: detail.id, steps: detail.dataset.errandSteps ?? "" };
  const runs = [...document.querySelectorAll<HTMLElement>("[data-errand-run]:not([data-errand-ended])")];
  if (!errandLive || (runs.length === 0 && errandView !== "row")) return undefined;
  const query = new URLSearchParams({ view: errandView, here: location.pathname + location.search });
  if (detail) query.set("steps", opened.steps);
  for (const { dataset } of runs.slice(0, MOST)) query.append("errandPart" in dataset ? "part" : "run", `${dataset.errandRun}:${dataset.errandVersion}`);
  return `${errandLive}?${query}`;
}

async function ask(url: string): Promise<LiveBody | undefined> {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT) });
    return response.ok ? ((await response.json()) as LiveBody) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether anything that a reader waits for has changed. */
function apply({ changed, gone, overview }: LiveBody): boolean {
  if (overview) update("overview", overview);
  const said = changed.map(({ id, html }) => update(`run-${id}`, html)).filter((words) => words !== undefined);
  if (said.length > 0) speak(said.join(". "));
  // Once a whole has ended, its page says more than it did before: what failed comes first.
  if (changed.some(({ id }) => document.querySelector(`#run-${id}[data-errand-ended] [data-errand-parts]`))) {
    document.querySelector("[data-errand-kept]")?.removeAttribute("data-errand-kept");
    void visit(location.href);
  }
  for (const id of gone) document.getElementById(`run-${id}`)?.remove();
  return changed.length + gone.length > 0;
}

/** Returns what there is to be said aloud: only that a state has changed, for progress would never be silent. */
function update(id: string, html: string): string | undefined {
  const shown = document.getElementById(id);
  const wanted = readParts(html).firstElementChild as HTMLElement | null;
  if (!shown || !wanted) return undefined;
  const before = shown.dataset.errandSaid;
  const hadFocus = shown.contains(document.activeElement);
  morph(shown, wanted);
  // The button that had it may be gone with the state that it was for.
  if (hadFocus && !shown.contains(document.activeElement)) shown.querySelector<HTMLElement>("h1, a")?.focus();
  return shown.dataset.errandSaid === before ? undefined : shown.dataset.errandSaid;
}

/** Waits `ms`, and for as long as nobody looks at the page; not longer than until the network is back or the page is looked at again. */
function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const listeners = new AbortController();
    const wake = () => {
      if (document.hidden) return;
      listeners.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    addEventListener("online", wake, listeners);
    document.addEventListener("visibilitychange", wake, listeners);
  });
}
