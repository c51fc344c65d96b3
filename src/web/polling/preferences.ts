/** What the asker prefers (RFC 7240), as far as a view can honour it. */
export interface Preferences {
  /** How long to wait for the result, ms; undefined when nothing was said. */
  readonly wait: number | undefined;
  /** The preference that is honoured, for Preference-Applied. */
  readonly applied: string | undefined;
}

/** Longest wait that an asker is granted, s. */
const LONGEST_WAIT = 60;

const none: Preferences = { wait: undefined, applied: undefined };

/** Reads `Prefer: wait=10` and `Prefer: respond-async`; anything else, and what is malformed, is no preference. With both, it waits as long as asked. */
export function preferencesOf(request: Request): Preferences {
  const header = request.headers.get("prefer");
  if (header === null) return none;
  const named = new Map<string, string>();
  for (const part of header.slice(0, 1000).split(/[,;]/)) {
    const [name = "", value = ""] = part.split("=").map((side) => side.trim());
    if (!named.has(name.toLowerCase())) named.set(name.toLowerCase(), value.replace(/^"(.*)"$/, "$1"));
  }
  const wait = named.get("wait");
  if (wait !== undefined && /^\d{1,9}$/.test(wait)) {
    const seconds = Math.min(Number(wait), LONGEST_WAIT);
    return { wait: seconds * 1000, applied: `wait=${seconds}` };
  }
  return named.has("respond-async") ? { wait: 0, applied: "respond-async" } : none;
}
