import type { PretixBody } from "../core/wire.ts";
import { type Answer, ask } from "./ask.ts";

const FIRST_PAUSE = 100;
const PAUSE = 250;
/** In a tab that nobody looks at. */
const HIDDEN_PAUSE = 2000;
const PAUSE_AFTER_FAILURE = 5000;

/** Asks `url()` until an answer ends the waiting, and returns that one; undefined when `signal` fired first. The others go to `show`. */
export async function poll(url: () => string, show: (answer: Answer) => void, signal?: AbortSignal): Promise<Answer | undefined> {
  let pause = FIRST_PAUSE;
  while (true) {
    await rest(pause);
    if (signal?.aborted) return undefined;
    const answer = await ask(url());
    if (signal?.aborted) return undefined;
    if (answer.kind === "failed" ? !answer.isTemporary : answer.kind !== "body" || isEnded(answer.body)) return answer;
    show(answer);
    pause = answer.kind === "failed" ? PAUSE_AFTER_FAILURE : document.hidden ? HIDDEN_PAUSE : PAUSE;
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
