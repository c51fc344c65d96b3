import { createHash } from "node:crypto";
import { v7 } from "uuid";
import { Random } from "./random.ts";

/**
 * What becomes of a run when nothing else happens: "steady" succeeds, "flaky" throws at its first attempt and succeeds later, "refused" fails
 * for good with a text for its user, "unwanted" is canceled by whoever started it, and may be done before that is noticed. "quiet" succeeds
 * too, but nothing that it writes before its end could tell it that it is no longer its worker's.
 */
export type Kind = "steady" | "flaky" | "refused" | "unwanted" | "quiet";

/** One run that is to be started. */
export interface Planned {
  readonly id: string;
  readonly seed: number;
  readonly kind: Kind;
  readonly queue: string;
  readonly priority: number;
  /** Not before so many ms after its start. */
  readonly later: number;
}

/** What each of a hundred runs is like: most are steady. */
const KINDS: readonly Kind[] = ["flaky", "flaky", "refused", "unwanted", "quiet", "quiet", "quiet", "quiet"];
const LONGEST_LATER_MS = 1500;

export function planned(count: number, random: Random): Planned[] {
  return Array.from({ length: count }, () => ({
    id: v7(),
    seed: random.below(2 ** 31),
    kind: random.percent(50) ? random.of(KINDS) : "steady",
    queue: random.of(["default", "exports", "mails"]),
    priority: random.below(3),
    later: random.percent(10) ? random.below(LONGEST_LATER_MS) : 0,
  }));
}

/** The pieces of a run's report, known to whoever knows its seed: each says which it is, so that a lost, doubled or misplaced one is seen. */
export function piecesOf(seed: number): string[] {
  const random = new Random(seed, "report");
  return Array.from({ length: 3 + random.below(4) }, (_, place) => {
    const text = Array.from({ length: 1 + random.below(40) }, () => random.below(2 ** 31).toString(36)).join(" ");
    return `${place}: ${text}\n`;
  });
}

/** What a run returns from this attempt: whose end it was is known, and that it had read its input. */
export function resultOf(seed: number, attempt: number): string {
  return `${attempt} ${digestOf(piecesOf(seed).join(""))}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
