import type { State } from "../../core/states.ts";
import type { WrittenRun } from "../../core/store.ts";

/** Of `NOTIFY`, bytes: 7,999 by PostgreSQL's own limit. */
const LONGEST = 7900;
/** Most payloads that say which runs were written; past that, one says "anything". */
const MOST = 4;

const letters: Readonly<Record<State, string>> = {
  pending: "p",
  in_progress: "i",
  retrying: "r",
  canceling: "c",
  succeeded: "s",
  failed: "f",
  canceled: "x",
};
const states = new Map(Object.entries(letters).map(([state, letter]) => [letter, state as State]));

/** What is sent after a write: the handle that wrote, and `<letter of the state><id>` for each run; the handle alone means anything. */
export function toPayloads(handle: string, written: readonly WrittenRun[] | undefined): string[] {
  const payloads: string[] = [];
  let payload = handle;
  for (const { id, state } of written ?? []) {
    const entry = ` ${letters[state]}${id}`;
    if (!/^[\w-]{1,100}$/.test(id) || payloads.length >= MOST) return [handle];
    if (payload.length + entry.length > LONGEST) {
      payloads.push(payload);
      payload = handle;
    }
    payload += entry;
  }
  return [...payloads, payload];
}

export function fromPayload(payload: string): { handle: string; written: WrittenRun[] | undefined } {
  const [handle = "", ...entries] = payload.split(" ");
  const written = entries.flatMap((entry) => {
    const state = states.get(entry.charAt(0));
    return state ? { id: entry.slice(1), state } : [];
  });
  return { handle, written: entries.length > 0 && written.length === entries.length ? written : undefined };
}
