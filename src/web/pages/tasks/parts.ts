import type { Run } from "../../../core/run.ts";
import { isEnded, type State, states } from "../../../core/states.ts";
import { fromCursor, toCursor } from "../../rest/cursor.ts";
import type { PageContext } from "./page-context.ts";
import { type RunView, runViews } from "./run-view.ts";

/** Parts that are shown at once; the others come when they are asked for. */
const PAGE = 25;

/** A page of the runs that a container links. */
export interface PartsPage {
  /** In their order; once all have ended, the failed ones first. */
  readonly views: readonly RunView[];
  /** What is done with the results of all of them. */
  readonly last?: RunView;
  /** Where the next page begins, while there is more. */
  readonly next?: string;
  readonly isFirst: boolean;
}

/** Which of the parts a page goes through, and what they are called in an address. */
const selections = {
  a: undefined,
  f: ["failed"],
  o: states.filter((state) => state !== "failed"),
} as const satisfies Record<string, readonly State[] | undefined>;

type Selection = keyof typeof selections;

interface Place {
  readonly selection: Selection;
  /** The page begins behind the run of this id. */
  readonly after: string;
}

/** The parts of a container that the reader may see, from where the address says on; null for the run of a task. */
export async function readParts(context: PageContext, run: Run, address: string | null): Promise<PartsPage | null> {
  if (run.kind === null) return null;
  const { list, last } = await membersOf(context, run);
  const place = placeOf(address);
  const { runs, next } = await pageOf(context, list, place ?? { selection: isEnded(run.state) ? "f" : "a", after: "" });
  const views = await runViews(context, await visible(context, last ? [...runs, last] : runs));
  const lastView = views.find((view) => view.run.id === last?.id);
  return {
    views: views.filter((view) => view !== lastView),
    ...(lastView && { last: lastView }),
    ...(next && { next: `${next.selection}${toCursor(next.after)}` }),
    isFirst: place === undefined,
  };
}

/** What the reader knows as the whole that a run is a part of. The group that a chord begins with is none of its own to them. */
export async function wholeOf(context: PageContext, run: Run): Promise<Run | null> {
  const { errand, access } = context.site;
  let whole = run.parent === null ? null : await errand.get(run.parent);
  const above = whole?.kind === "group" && whole.parent !== null ? await errand.get(whole.parent) : null;
  if (above?.kind === "chord") whole = above;
  return whole && (await access.may(context.visitor, "view", whole)) ? whole : null;
}

/** The run whose children are the list; of a chord, that is the group it begins with. */
async function membersOf({ site }: PageContext, run: Run): Promise<{ list: string; last?: Run }> {
  if (run.kind !== "chord") return { list: run.id };
  const [header, last] = await site.errand.list({ parent: run.id }, { limit: 2, after: "" });
  return { list: header?.id ?? run.id, ...(last && { last }) };
}

/** Goes on from the failed ones to the others on the same page. */
async function pageOf(context: PageContext, parent: string, { selection, after }: Place): Promise<{ runs: Run[]; next?: Place }> {
  const { errand } = context.site;
  const wanted = selections[selection];
  const found = await errand.list({ parent, ...(wanted && { states: wanted }) }, { limit: PAGE + 1, after });
  const runs = found.slice(0, PAGE);
  if (found.length > PAGE) return { runs, next: { selection, after: (runs.at(-1) as Run).id } };
  if (selection !== "f") return { runs };
  const room = PAGE - runs.length;
  const others = await errand.list({ parent, states: selections.o }, { limit: room + 1, after: "" });
  const shown = others.slice(0, room);
  const behind = others.length > room ? (shown.at(-1)?.id ?? "") : undefined;
  return { runs: [...runs, ...shown], ...(behind !== undefined && { next: { selection: "o", after: behind } }) };
}

function placeOf(address: string | null): Place | undefined {
  const [selection, cursor] = [address?.slice(0, 1) ?? "", address?.slice(1) ?? ""];
  const after = cursor === "" ? "" : fromCursor(cursor);
  return Object.hasOwn(selections, selection) && after !== null ? { selection: selection as Selection, after } : undefined;
}

async function visible({ site, visitor }: PageContext, runs: readonly Run[]): Promise<Run[]> {
  const allowed = await Promise.all(runs.map((run) => site.access.may(visitor, "view", run)));
  return runs.filter((_, index) => allowed[index]);
}
