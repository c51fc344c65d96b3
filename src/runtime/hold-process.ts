import { timerSpan } from "./timer-span.ts";

let holders = 0;
let timer: NodeJS.Timeout | undefined;

/** Keeps the process alive until the returned function is called: whoever waits for another process's work has nothing else that does. */
export function holdProcess(): () => void {
  holders += 1;
  timer ??= setInterval(() => {}, timerSpan(Number.POSITIVE_INFINITY));
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    if (holders > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
