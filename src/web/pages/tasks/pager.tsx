import type { ListLink, ListPage } from "./list-page.ts";
import type { PageContext } from "./page-context.ts";
import { withQuery } from "./run-paths.ts";

interface PagerProps {
  readonly context: PageContext;
  readonly page: ListPage;
  readonly path: string;
  /** The list's own parameters, which every page keeps. */
  readonly query: Readonly<Record<string, string | undefined>>;
}

/** The way to the pages before and after this one. */
export function Pager({ context: { text }, page, path, query }: PagerProps) {
  if (!page.newer && !page.newest && !page.older) return null;
  const link = (target: ListLink, key: string, rel?: string) => (
    <a id={`page-${key}`} class="errand-small errand-button" href={withQuery(path, { ...query, ...target })} rel={rel}>
      {text(key)}
    </a>
  );
  return (
    <nav class="errand-pager" aria-label={text("paging")}>
      {page.newest ? link(page.newest, "newest", "first") : null}
      {page.newer ? link(page.newer, "newer", "prev") : null}
      {page.older ? link(page.older, "older", "next") : null}
    </nav>
  );
}
