import { ConfigurationError, RunFailedError } from "../../core/errors.ts";
import type { LinkKind } from "../../core/link.ts";
import type { Errand } from "../errand.ts";
import type { Link, LinkOptions, Part } from "../task-api.ts";
import type { Chain, Chord, Group } from "./links-api.ts";
import { checkWeight } from "./step.ts";

/** Runs one after the other: each begins when the one before has succeeded. See `Chain`. @throws ConfigurationError, RangeError for the weight */
export const chain: Chain = (parts, options = {}) => link("chain", parts as unknown as readonly Part[], options);

/** Runs side by side. See `Group`. @throws ConfigurationError, RangeError for the weight */
export const group: Group = (parts, options = {}) => link("group", parts, options) as never;

/** Runs side by side, and one more with all their results. See `Chord`. @throws ConfigurationError, RangeError for the weight */
export const chord: Chord = (header, body, { onFailure = "stop", ...options } = {}) =>
  link("chord", [link("group", header, { onFailure }), body as Part], options) as never;

function link<Output>(kind: LinkKind, parts: readonly Part[], options: LinkOptions): Link<Output> {
  if (!Array.isArray(parts) || parts.length === 0)
    throw new ConfigurationError(`A ${kind} needs at least one run: give it task.with(input), or another chain, group or chord.`);
  checkWeight(options.weight);
  const errand = errandOf(parts);
  const whole: Link<Output> = {
    kind,
    parts,
    options,
    start: (delay) => errand.startLink(whole, delay),
    async delay(delay) {
      const started = await errand.startLink(whole, delay);
      if (errand.inline && delay?.transaction === undefined) await started.ended().catch(unlessDeleted);
      return started;
    },
  };
  return whole;
}

/** Whoever begins runs that somebody deletes has begun them all the same: `result()` says what became of them. */
function unlessDeleted(error: unknown): void {
  if (!(error instanceof RunFailedError)) throw error;
}

/** The one errand that all their tasks belong to. */
function errandOf(parts: readonly Part[]): Errand {
  const errands = new Set(parts.map((part) => ("parts" in part ? errandOf(part.parts) : part.task.errand)));
  if (errands.size === 1) return [...errands][0] as Errand;
  throw new ConfigurationError("Linked runs must be of tasks of one errand: these are of several.");
}
