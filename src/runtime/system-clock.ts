import type { Clock } from "../core/clock.ts";
import { timerSpan } from "./timer-span.ts";

/** The machine's time. What comes again and again keeps no process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, timerSpan(ms));
    return () => clearTimeout(timer);
  },
  every(ms, call) {
    const timer = setInterval(() => void call(), timerSpan(ms)).unref();
    return () => clearInterval(timer);
  },
};
