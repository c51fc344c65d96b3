import type { Run } from "../../../core/run.ts";
import type { RunFilter } from "../../../core/run-filter.ts";
import { fromCursor, toCursor } from "../../rest/cursor.ts";
import type { PageContext } from "./page-context.ts";

/** How many pages back the links lead; further on there is "Newest". */
const TRAIL = 20;
/** Stands in the trail for the first page, which begins behind nothing. */
const FIRST = "0";

/** Where a list stands, as its address says it: the page begins behind `at`; `trail` are the beginnings of the pages before it, nearest last. */
export interface ListPlace {
  readonly at: string | undefined;
  readonly trail: readonly string[];
}

/** Query parameters of another page of the same list. */
export interface ListLink {
  readonly at: string | undefined;
  readonly trail: string | undefined;
}

export interface ListPage {
  readonly runs: readonly Run[];
  readonly newest?: ListLink;
  readonly newer?: ListLink;
  readonly older?: ListLink;
}

/** The store only goes from newer to older, so the address remembers how the reader came here. What no page of ours gave is the first page. */
export function listPlace(query: URLSearchParams): ListPlace {
  const at = query.get("at") ?? "";
  if (fromCursor(at) === null) return { at: undefined, trail: [] };
  const trail = (query.get("trail") ?? "").split(".").filter((cursor) => cursor === FIRST || fromCursor(cursor) !== null);
  return { at, trail: trail.slice(-TRAIL) };
}

/** A page of the runs that fit the filter and that the reader may see; null for a filter that nothing can fit. */
export async function readListPage({ site, visitor }: PageContext, filter: RunFilter | null, place: ListPlace, limit: number): Promise<ListPage> {
  const before = place.at === undefined ? undefined : (fromCursor(place.at) ?? undefined);
  const found = filter ? await site.errand.list(filter, { limit: limit + 1, ...(before !== undefined && { before }) }) : [];
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const shown = await Promise.all(page.map((run) => site.access.mayList(visitor, run)));
  const newer = newerLink(place);
  return {
    runs: page.filter((_, index) => shown[index]),
    // On the second page "Newer" leads there already.
    ...(place.at !== undefined && (!newer || newer.at !== undefined) && { newest: { at: undefined, trail: undefined } }),
    ...(newer && { newer }),
    ...(last && { older: { at: toCursor(last.id), trail: [...place.trail, place.at ?? FIRST].slice(-TRAIL).join(".") } }),
  };
}

/** The page that the reader came from, while the trail reaches that far. */
function newerLink({ trail }: ListPlace): ListLink | undefined {
  const at = trail.at(-1);
  if (at === undefined) return undefined;
  return at === FIRST ? { at: undefined, trail: undefined } : { at, trail: trail.slice(0, -1).join(".") };
}
