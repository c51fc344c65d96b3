import type { Site } from "../../site.ts";

/** Where the pages lie, below the mount. */
export const pagePaths = (site: Pick<Site, "path">) => ({
  list: `${site.path}/`,
  admin: `${site.path}/admin`,
  bulk: `${site.path}/admin/runs`,
  live: `${site.path}/live`,
  script: `${site.path}/errand-pages.js`,
  run: (id: string) => `${site.path}/runs/${id}`,
});

/** `path?name=value`, without the parameters that are undefined or empty. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => Boolean(pair[1])));
  return query.size > 0 ? `${path}?${query}` : path;
}
