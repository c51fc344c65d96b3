import type { Site } from "../site.ts";
import { toCursor } from "./cursor.ts";

interface PageLinksOptions {
  readonly site: Site;
  readonly request: Request;
  /** Path of the list. */
  readonly path: string;
  /** The parameters that a link keeps: those that the list knows. */
  readonly known: readonly string[];
  /** Id of the page's last entry, when more follow. */
  readonly next: string | undefined;
}

/** The Link header of a page (RFC 8288): `first`, and `next` while there is more. */
export function pageLinks({ site, request, path, known, next }: PageLinksOptions): string {
  const { origin, searchParams } = site.address(request);
  const link = (cursor: string | undefined, rel: string) => {
    const query = new URLSearchParams([...searchParams].filter(([name]) => known.includes(name) && name !== "cursor"));
    if (cursor !== undefined) query.set("cursor", cursor);
    return `<${origin}${path}${query.size > 0 ? `?${query}` : ""}>; rel="${rel}"`;
  };
  return [link(undefined, "first"), ...(next === undefined ? [] : [link(toCursor(next), "next")])].join(", ");
}
