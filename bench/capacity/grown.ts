import type { Comparison } from "./compare.ts";

/** Pages that are never too many: every index of a large table is a level or two deeper, and what a vacuum has not cleared yet differs. */
const FREE = 200;
/** What was one page of rows that were written together may be as many pages as rows, where the room of deleted ones was filled anew. */
const SCATTERED = 20;
/** What share of the growth of the table counts as growing with it. */
const SHARE = 0.6;

/** Tables of a row for each process or listener. */
const short = ["errand_workers", "errand_listeners"];

/** Says which questions look at more pages the larger the table is, `times` as large, without being known for it. Pages, since no busy machine changes them. */
export function grown(comparisons: readonly Comparison[], times: number): string[] {
  const most = Math.min(SCATTERED, 1 + (times - 1) * SHARE);
  return comparisons
    .filter(({ linear }) => !linear)
    .flatMap(({ name, pages: [large, small], scans }) => [
      ...(large > small * most + FREE ? [`${name}: ${large} pages on the large table, ${small} on the small one.`] : []),
      ...scans.filter((table) => !short.includes(table)).map((table) => `${name}: PostgreSQL goes through the whole table ${table}.`),
    ]);
}
