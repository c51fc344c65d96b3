import type { Span } from "../core/estimate.ts";
import type { Message } from "../core/messages.ts";
import type { QueuePlace } from "../core/queue-place.ts";
import type { Run } from "../core/run.ts";
import type { Errand } from "../runtime/errand.ts";

/** From so long on, ms, a run that has said nothing is called silent. */
const SILENT_MS = 30_000;

export interface NotesOptions {
  readonly errand: Pick<Errand, "remaining" | "queuePlace">;
  readonly run: Run;
  /** Form of numbers, such as "en-GB". */
  readonly locale: string;
  /** ms since 1970 */
  readonly now: number;
  readonly say: (message: Message) => string;
}

/**
 * What is true of a run at the moment, beside its state: what is before it and when it will begin, how long it will still take, that there
 * has been no news of it. Each in words, and only what is known.
 */
export async function progressNotes({ errand, run, locale, now, say }: NotesOptions): Promise<readonly string[]> {
  const place = await errand.queuePlace(run, now);
  const left = errand.remaining(run, now);
  const notes = [
    place && ahead(place),
    place?.startsIn && { key: "web.starts_in", params: { span: spanWords(place.startsIn, locale) } },
    left && { key: "web.left", params: { span: spanWords(left, locale) } },
    silence(run, now, locale),
  ];
  return notes.flatMap((note) => (note ? [say(note)] : []));
}

/** "Attempt 2 of 3", from the second on; "Restarted, attempt 2 of 3" while it is under way. */
export function attemptNote({ state, attempt, maxAttempts }: Pick<Run, "state" | "attempt" | "maxAttempts">): Message | null {
  const number = state === "retrying" ? attempt + 1 : attempt;
  const key = state === "in_progress" ? "web.restarted" : "web.attempt";
  return number > 1 ? { key, params: { attempt: number, max: Math.max(number, maxAttempts) } } : null;
}

function ahead({ ahead: count, isMore }: QueuePlace): Message {
  if (isMore) return { key: "web.ahead_more", params: { count } };
  return count <= 1 ? { key: `web.ahead_${count === 0 ? "none" : "one"}` } : { key: "web.ahead", params: { count } };
}

function silence({ state, modified }: Run, now: number, locale: string): Message | null {
  const silent = now - modified;
  if (state !== "in_progress" || silent < SILENT_MS) return null;
  return { key: "web.silent", params: { span: spanWords({ from: silent, to: silent }, locale) } };
}

/** "20–40 sec", "2–4 min", "1–3 hr", in the reader's words: rounded outwards, to no more than is known. */
export function spanWords({ from, to }: Span, locale: string): string {
  const [unit, size, grain] =
    to < 90_000 ? (["second", 1000, to < 15_000 ? 1 : 10] as const) : to < 5_400_000 ? (["minute", 60_000, 1] as const) : (["hour", 3_600_000, 1] as const);
  const low = Math.floor(from / size / grain) * grain;
  const high = from === to ? low : Math.max(grain, Math.ceil(to / size / grain) * grain);
  const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" });
  return low === high ? format.format(low) : format.formatRange(low, high);
}
