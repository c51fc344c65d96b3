import type { RunWithArtifacts } from "../../core/run.ts";
import type { Page, RunFilter } from "../../core/run-filter.ts";
import { isSuperuser, type Visitor } from "../access.ts";
import { json } from "../respond.ts";
import { identified } from "../routes/allowed-run.ts";
import { runBody } from "../run-body.ts";
import type { Site } from "../site.ts";
import { wantedRuns } from "./list-filter.ts";
import { readListQuery } from "./list-query.ts";
import { pageLinks } from "./page-links.ts";
import { runListQuery } from "./schemas.ts";

const known = Object.keys(runListQuery.shape);

/** GET tasks: a page of run documents, newest first; with `parent`, those of its parts in their order. */
export async function listRuns(site: Site, request: Request): Promise<Response> {
  const visitor = await identified(site, request);
  const { origin, searchParams } = site.address(request);
  const query = readListQuery(runListQuery, searchParams);
  const { limit, before, parent } = query;
  const filter = parent === undefined ? wantedRuns(await site.access.runsFor(visitor), query) : await wantedParts(site, visitor, { ...query, parent });
  const wanted: Page = { limit: limit + 1, ...(parent !== undefined ? { after: before ?? "" } : before !== undefined && { before }) };
  const found = filter ? await site.errand.listWithArtifacts(filter, wanted) : [];
  const page = found.slice(0, limit);
  const entries = await shown(site, visitor, page, parent !== undefined);
  const about = { site, language: site.locale(request), isSuperuser: isSuperuser(visitor), origin };
  const body = entries.map((entry) => runBody({ ...about, ...entry }));
  const next = found.length > limit ? page.at(-1)?.run.id : undefined;
  return json(body, 200, { Link: pageLinks({ site, request, path: `${site.paths.tasks}/`, known, next }) });
}

/** The parts of a run belong to its document: whoever may view the run may look for them. Null for everybody else. */
async function wantedParts(site: Site, visitor: Visitor, query: Parameters<typeof wantedRuns>[1] & { readonly parent: string }): Promise<RunFilter | null> {
  const container = await site.errand.get(query.parent);
  return container && (await site.access.may(visitor, "view", container)) ? wantedRuns({}, query) : null;
}

/** Those that the app's rules let through: of parts the ones that could also be opened one by one. */
async function shown(site: Site, visitor: Visitor, entries: readonly RunWithArtifacts[], areParts: boolean): Promise<readonly RunWithArtifacts[]> {
  if (!site.access.hasRules) return entries;
  const { access } = site;
  const allowed = await Promise.all(entries.map(({ run }) => (areParts ? access.may(visitor, "view", run) : access.mayList(visitor, run))));
  return entries.filter((_, index) => allowed[index]);
}
