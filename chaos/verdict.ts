import { isEnded, type Run, type State } from "errand";
import type { Evidence, Left } from "./evidence.ts";
import type { Entry } from "./journal.ts";
import { type Kind, type Planned, piecesOf, resultOf } from "./plan.ts";

type Of<What extends Entry["what"]> = Extract<Entry, { what: What }>;

/** How a run of each kind may end. */
const ends: Readonly<Record<Kind, readonly State[]>> = {
  steady: ["succeeded"],
  flaky: ["succeeded"],
  refused: ["failed"],
  unwanted: ["canceled", "succeeded"],
  quiet: ["succeeded"],
};

/** What was promised and is not so, a sentence each; empty when all is well. */
export function violationsIn(evidence: Evidence): string[] {
  const { plan, runs, left, entries, observer } = evidence;
  const by = Map.groupBy(entries, (entry) => ("run" in entry ? entry.run : ""));
  return plan.flatMap((planned) => {
    const own = by.get(planned.id) ?? [];
    const run = runs.get(planned.id);
    if (!run) return own.some(({ what }) => what === "started") ? [`${planned.id} was started and is lost`] : [`${planned.id} was never started`];
    return [...endOf(run, planned), ...ownersOf(run, own), ...stopsOf(run, own, observer), ...leftBy(run, planned, left.get(run.id) ?? [])].map(
      (what) => `${planned.id} (${planned.kind}, ${run.state}, attempt ${run.attempt}) ${what}`,
    );
  });
}

function* endOf(run: Run, { kind, seed }: Planned): Generator<string> {
  if (!isEnded(run.state)) yield "has not ended";
  else if (!ends[kind].includes(run.state)) yield `must be ${ends[kind].join(" or ")}: ${JSON.stringify(run.error)}`;
  if (run.state === "succeeded" && run.result !== resultOf(seed, run.attempt)) yield `has another result, or another attempt's: ${JSON.stringify(run.result)}`;
  if (run.state === "succeeded" && run.completedSteps !== run.totalSteps) yield `has ${run.completedSteps} of ${run.totalSteps} steps`;
}

/** Each attempt began once, in one process; and what an attempt asked for after the next had begun did not hold. */
function* ownersOf(run: Run, entries: readonly Entry[]): Generator<string> {
  const begun = Map.groupBy(of("begun", entries), ({ attempt }) => attempt);
  for (const [attempt, owners] of begun) {
    if (owners.length > 1) yield `attempt ${attempt} has ${owners.length} owners: ${owners.map(({ by }) => by).join(" and ")}`;
    if (attempt > run.attempt) yield `attempt ${attempt} is not known to the store`;
  }
  const firsts = [...begun].map(([attempt, [first]]) => ({ attempt, at: (first as Of<"begun">).at }));
  for (const { attempt, from, by } of of("kept", entries)) {
    const later = firsts.find((other) => other.attempt > attempt && other.at < from);
    if (later) yield `attempt ${attempt} in ${by} has written ${Math.ceil(from - later.at)} ms after attempt ${later.attempt} had begun`;
  }
}

/** Durable listeners have heard, by one id; a process's own listeners have heard once, and the one that was always there has. */
function* stopsOf(run: Run, entries: readonly Entry[], observer: string): Generator<string> {
  const stops = of("stopped", entries);
  const durable = stops.filter(({ durable }) => durable);
  const ids = new Set(stops.map(({ event }) => event));
  if (durable.length === 0) yield "was not told to the durable listener";
  if (ids.size > 1) yield `has ${ids.size} event ids`;
  const own = Map.groupBy(
    stops.filter(({ durable }) => !durable),
    ({ by }) => by,
  );
  if (!own.has(observer)) yield "was not told to the listener that was always there";
  for (const [by, told] of own) if (told.length > 1) yield `was told ${told.length} times to the listener in ${by}`;
  for (const { state, by } of stops) if (state !== run.state) yield `was told as ${state} in ${by}`;
}

/** A run that succeeded has left its report, as its last attempt made it. What earlier attempts have left is a part from the start. */
function* leftBy(run: Run, { seed, kind }: Planned, left: readonly Left[]): Generator<string> {
  const pieces = piecesOf(seed);
  const whole = pieces.join("");
  const starts = pieces.map((_, place) => pieces.slice(0, place + 1).join(""));
  for (const { name, content, size, attempt, ...one } of left) {
    if (attempt > run.attempt) yield `has left ${name} in attempt ${attempt}, which is not known to the store`;
    if (one.kind !== "file") continue;
    if (content === null) yield `has left ${name} in attempt ${attempt} without a file`;
    else if (name === "whole.txt" ? content !== whole : !starts.includes(content)) yield `has left a wrong ${name} in attempt ${attempt}`;
    else if ((size as number) > Buffer.byteLength(content)) yield `has left ${name} in attempt ${attempt}, shorter than its row says`;
  }
  for (const name of run.state === "succeeded" && kind !== "quiet" ? ["pieces.txt", "whole.txt"] : []) {
    const own = left.filter((one) => one.name === name && one.attempt === run.attempt);
    if (own.length !== 1) yield `has left ${own.length} files ${name} in its last attempt`;
    else if (own[0]?.content !== whole || own[0].size !== Buffer.byteLength(whole)) yield `has left an incomplete ${name}`;
  }
  const errors = left.filter(({ name }) => name === "Error").length;
  if (errors !== (run.state === "failed" ? 1 : 0)) yield `has left ${errors} artifacts "Error"`;
}

function of<What extends Entry["what"]>(what: What, entries: readonly Entry[]): Of<What>[] {
  return entries.filter((entry): entry is Of<What> => entry.what === what);
}
