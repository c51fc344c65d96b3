import { onTestFinished } from "vitest";
import type { Log } from "../../src/core/task.ts";
import { createErrand, type Errand, type ErrandOptions, isEnded, type Run } from "../../src/index.ts";
import { freshDatabase } from "../support/temp.ts";

export interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps its lines. */
export function keptLog(): Log & { readonly lines: Line[]; readonly said: (message: RegExp) => Line[] } {
  const lines: Line[] = [];
  const keep = (level: Line["level"]) => (fields: object, message: string) => void lines.push({ level, fields: fields as Line["fields"], message });
  return {
    lines,
    said: (message) => lines.filter((line) => message.test(line.message)),
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
  };
}

/** An errand on a fresh database (or the one given), closed when the test is over. */
export function openErrand(options: ErrandOptions = {}): Errand {
  const errand = createErrand({ ...(!("database" in options) && { database: `file:${freshDatabase()}` }), broker: "none", log: keptLog(), ...options });
  onTestFinished(() => errand.close({ grace: 0 }));
  return errand;
}

export interface Gate<Value = void> {
  readonly opened: Promise<Value>;
  open(value: Value): void;
}

/** Something to wait for. */
export function gate<Value = void>(): Gate<Value> {
  const { promise, resolve } = Promise.withResolvers<Value>();
  return { opened: promise, open: resolve };
}

/** Settles when the signal fires, with its reason. */
export function aborted(signal: AbortSignal): Promise<Error> {
  return new Promise((fired) => {
    if (signal.aborted) fired(signal.reason as Error);
    else signal.addEventListener("abort", () => fired(signal.reason as Error));
  });
}

/** The first snapshot of the run that fits, whichever process writes it. */
export async function until(errand: Pick<Errand, "watch">, runId: string, fits: (run: Run) => boolean): Promise<Run> {
  const found = gate<Run>();
  const watching = await errand.watch(runId, (run) => {
    if (fits(run)) found.open(run);
  });
  if (!watching) throw new Error(`There is no run ${runId}.`);
  try {
    if (fits(watching.run)) return watching.run;
    return await found.opened;
  } finally {
    watching.stop();
  }
}

/** The run's last snapshot. */
export function untilEnded(errand: Pick<Errand, "watch">, runId: string): Promise<Run> {
  return until(errand, runId, (run) => isEnded(run.state));
}
