/** A span of time: a number of milliseconds, or a number with a unit such as "500ms", "30s", "10m", "1h", "30d". */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The duration in whole ms, which stores reckon in: "2.3h" is a little less in binary. Throws RangeError naming `what` and the value when it cannot be read. */
export function milliseconds(what: string, duration: Duration): number {
  if (typeof duration === "number") {
    if (Number.isFinite(duration) && duration >= 0) return Math.round(duration);
  } else {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
    if (match) return Math.round(Number(match[1]) * units[match[2] as string]!);
  }
  throw new RangeError(`${what} must be a number of ms or a text such as "500ms", "30s", "10m", "1h" or "30d", but is ${JSON.stringify(duration)}.`);
}
