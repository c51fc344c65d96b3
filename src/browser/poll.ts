import type { PretixBody } from "../core/wire.ts";
import { type Answer, ask } from "./ask.ts";

const FIRST_PAUSE = 100;
const PAUSE = 250;
/** In a tab that nobody looks at. */
const HIDDEN_PAUSE = 2000;
/** While changes are heard as they happen, in case that is not so; and after a failure. */
const LONG_PAUSE = 5000;

/**
 * Asks `url()` until an answer ends the waiting, and returns that one; undefined when `signal` fired first. The others go to `show`. It asks
 * often, until errand-live.js has come and hears of the run: then changes go to `show` as they happen, and the end is asked for at once.
 */
export async function poll(url: () => string, show: (answer: Answer) => void, signal: AbortSignal): Promise<Answer | undefined> {
  const over = new AbortController();
  signal.addEventListener("abort", () => over.abort());
  let bell = Promise.withResolvers<void>();
  let pause = FIRST_PAUSE;
  let isLive: (() => boolean) | undefined;
  let heard = 0;
  let last = 0;
  const follow = (id?: string) => {
    isLive = () => false;
    const hear = (body: Partial<PretixBody>) => {
      heard++;
      show({ kind: "body", body });
    };
    import("./live/live.ts").then(
      ({ followRun }) => {
        isLive = followRun(id, hear, () => bell.resolve(), over.signal);
      },
      () => {},
    );
  };
  try {
    while (true) {
      await Promise.race([bell.promise, rest(isLive?.() ? LONG_PAUSE : pause)]);
      if (signal.aborted) return undefined;
      bell = Promise.withResolvers();
      const before = heard;
      const answer = await ask(url());
      if (signal.aborted) return undefined;
      const isFailed = answer.kind === "failed";
      if (isFailed ? !answer.isTemporary : answer.kind !== "body" || isEnded(answer.body)) return answer;
      // What was heard meanwhile is newer. A failure counts once nothing was heard since the question before.
      if (heard === (isFailed ? last : before)) show(answer);
      last = heard;
      pause = isFailed ? LONG_PAUSE : document.hidden ? HIDDEN_PAUSE : PAUSE;
      if (answer.kind === "body" && !isLive) follow(answer.body.async_id);
    }
  } finally {
    over.abort();
  }
}

/** Whether the run has ended. */
export function isEnded({ ready, redirect }: Partial<PretixBody>): boolean {
  return Boolean(ready || redirect);
}

/** Waits `ms`, or until the network is back or somebody comes to look at the tab. */
function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
  });
}
