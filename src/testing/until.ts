import { AssertionError } from "node:assert";
import { setTimeout as rest } from "node:timers/promises";

/** How long something may take that has to happen, ms: far more than it needs, since the machine may be busy. */
const PATIENCE_MS = 20_000;

type Nothing = undefined | null | false;

/** Waits until `look` returns something other than undefined, null or false, and returns that. @throws AssertionError, saying what was waited for */
export async function until<T>(what: string, look: () => Promise<T | Nothing> | T | Nothing): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new AssertionError({ message: `Waited for ${PATIENCE_MS / 1000} s in vain until ${what}.` });
    await rest(3);
  }
}
