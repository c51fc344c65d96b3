import type { Link, LinkOptions, Part, Step } from "../task-api.ts";

export type OutputOf<P> =
  P extends Step<infer Output, never> ? Output : P extends Link<infer Output, never> ? Output : P extends Part<infer Output> ? Output : never;

export type OutputsOf<Parts extends readonly Part[]> = { -readonly [Index in keyof Parts]: OutputOf<Parts[Index]> };

type LastOf<Parts extends readonly Part[]> = Parts extends readonly [...Part[], infer Last] ? OutputOf<Last> : unknown;

type NeedsOf<P> = P extends { readonly needs?: (previous: infer Previous) => void } ? Previous : unknown;

/** What all of them need of the result before them, since a group hands it to each. */
type NeedsOfAll<Parts extends readonly Part[]> = [Parts[number]] extends [{ readonly needs?: (previous: infer Previous) => void }] ? Previous : unknown;

/** The first of a chain takes what comes before the whole. */
type NeedsOfFirst<Parts extends readonly Part[]> = Parts extends readonly [infer First, ...Part[]] ? NeedsOf<First> : unknown;

/** Each part of a chain fits on the one before it; one that does not becomes a sentence in the type. */
export type Fitting<Parts extends readonly Part[]> = {
  [Index in keyof Parts]: Index extends `${infer Position extends number}`
    ? Before<Parts, Position> extends infer Given
      ? [Given] extends [never]
        ? Parts[Index]
        : Given extends NeedsOf<Parts[Index]>
          ? Parts[Index]
          : "The result before this step is not what its input is made of"
      : never
    : Parts[Index];
};

/** The output of the part before a position; never for the first. */
type Before<Parts extends readonly Part[], Position extends number, Count extends unknown[] = []> = Parts extends readonly [
  infer First,
  ...infer Rest extends readonly Part[],
]
  ? Position extends 0
    ? never
    : [...Count, 1]["length"] extends Position
      ? OutputOf<First>
      : Before<Rest, Position, [...Count, 1]>
  : never;

/** One after the other; the result is the last one's. */
export type Chain = <const Parts extends readonly Part[]>(parts: Parts & Fitting<Parts>, options?: LinkOptions) => Link<LastOf<Parts>, NeedsOfFirst<Parts>>;
/** Side by side; the result is the list of theirs, null where one failed and the others went on. */
export type Group = <const Parts extends readonly Part[]>(parts: Parts, options?: LinkOptions) => Link<OutputsOf<Parts>, NeedsOfAll<Parts>>;
/** Side by side, and then one more whose input is made of the list of their results; the result is that one's. */
export type Chord = <const Parts extends readonly Part[], Output>(
  header: Parts,
  body: Step<Output, OutputsOf<Parts>> | Step<Output>,
  options?: LinkOptions,
) => Link<Output, NeedsOfAll<Parts>>;
