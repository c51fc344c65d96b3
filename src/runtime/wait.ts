import type { Run } from "../core/run.ts";
import { isEnded } from "../core/states.ts";
import type { Store } from "../core/store.ts";
import type { Bus } from "./bus.ts";
import { closedError } from "./closed-error.ts";
import type { Watching } from "./errand.ts";
import { holdProcess } from "./hold-process.ts";
import { timerSpan } from "./timer-span.ts";

export interface WaitParts {
  readonly store: Store;
  readonly bus: Bus;
  /** Fires when the errand is closed. */
  readonly closing: AbortSignal;
}

/** See `Errand.wait`. It listens before it reads, so no change between the two is missed. */
export async function waitForRun(
  { store, bus, closing }: WaitParts,
  runId: string,
  options: { timeout: number; rev?: number; signal?: AbortSignal },
): Promise<Run | null> {
  const { timeout, rev, signal } = options;
  const moved = (run: Run): boolean => isEnded(run.state) || (rev !== undefined && run.rev > rev);
  const { promise, resolve, reject } = Promise.withResolvers<Run | null>();
  let newest: Run | null = null;
  const gone = Promise.withResolvers<null>();
  const unsubscribe = bus.subscribe(
    runId,
    (run) => {
      newest = run;
      if (moved(run)) resolve(run);
    },
    () => gone.resolve(null),
  );
  const stop = (): void => reject(signal?.aborted ? signal.reason : closedError());
  const timer = setTimeout(() => resolve(newest), timerSpan(timeout));
  signal?.addEventListener("abort", stop);
  closing.addEventListener("abort", stop);
  try {
    const run = (await store.get([runId]))[0] ?? null;
    if (!run || moved(run)) return run;
    if (signal?.aborted || closing.aborted) stop();
    newest ??= run;
    return await Promise.race([promise.then((moved) => moved ?? run), gone.promise]); // The time may have run out while the store was read.
  } finally {
    clearTimeout(timer);
    unsubscribe();
    signal?.removeEventListener("abort", stop);
    closing.removeEventListener("abort", stop);
    promise.catch(() => undefined); // Stopped while the store was read.
  }
}

/** See `Errand.watch`. */
export async function watchRun({ store, bus, closing }: WaitParts, runId: string, onChange: (run: Run) => void, onGone?: () => void): Promise<Watching | null> {
  let newest: Run | undefined;
  const stop = bus.subscribe(
    runId,
    (run) => {
      if (newest && newest.rev >= run.rev) return; // The bus does not know what was read below.
      newest = run;
      onChange(run);
    },
    onGone,
  );
  let run: Run | undefined;
  try {
    run = (await store.get([runId]))[0];
  } finally {
    if (!run) stop();
  }
  if (!run) return null;
  if (!newest || newest.rev < run.rev) newest = run;
  const release = holdProcess();
  closing.addEventListener("abort", release);
  return {
    get run() {
      return newest as Run;
    },
    stop() {
      release();
      closing.removeEventListener("abort", release);
      stop();
    },
  };
}
