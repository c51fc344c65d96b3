import { isBroken, isUndone, NotConnected } from "./errors.ts";

/** How long a statement whose connection fails is tried again, ms. */
const LONGEST_MS = 5000;
const FIRST_PAUSE_MS = 10;
const LAST_PAUSE_MS = 500;

/**
 * Tries again, with growing pauses and for some seconds, what found no connection, lost it, or was undone by PostgreSQL for the sake of others.
 * `attempt` is told whether an earlier one may have been done, its answer lost with the connection.
 */
export async function again<T>(attempt: (mayBeDone: boolean) => Promise<T>): Promise<T> {
  const deadline = performance.now() + LONGEST_MS;
  let mayBeDone = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
    try {
      return await attempt(mayBeDone);
    } catch (error) {
      const broken = isBroken(error);
      const unsent = error instanceof NotConnected && isBroken(error.cause);
      if (!(broken || unsent || isUndone(error)) || performance.now() > deadline) throw error;
      mayBeDone ||= broken;
      await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random())));
    }
  }
}
