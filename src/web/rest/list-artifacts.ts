import type { Artifact } from "../../core/artifact.ts";
import type { Visitor } from "../access.ts";
import { json } from "../respond.ts";
import { identified } from "../routes/allowed-run.ts";
import type { Site } from "../site.ts";
import { artifactBody } from "./artifact-body.ts";
import { wantedArtifacts } from "./list-filter.ts";
import { readListQuery } from "./list-query.ts";
import { pageLinks } from "./page-links.ts";
import { artifactListQuery } from "./schemas.ts";

const known = Object.keys(artifactListQuery.shape);

/** GET artifacts: a page of artifact documents, newest first. */
export async function listArtifacts(site: Site, request: Request): Promise<Response> {
  const visitor = await identified(site, request);
  const { limit, before, run } = readListQuery(artifactListQuery, site.address(request).searchParams);
  const filter = wantedArtifacts(await site.access.artifactsFor(visitor), run);
  const found = filter ? await site.errand.artifacts.page(filter, { limit: limit + 1, ...(before !== undefined && { before }) }) : [];
  const page = found.slice(0, limit);
  const entries = site.access.hasRules ? await listable(site, visitor, page) : page.map((artifact) => ({ artifact, mayDownload: true }));
  const body = await Promise.all(entries.map(({ artifact, mayDownload }) => artifactBody({ site, request, artifact, mayDownload })));
  const next = found.length > limit ? page.at(-1)?.id : undefined;
  return json(body, 200, { Link: pageLinks({ site, request, path: `${site.paths.artifacts}/`, known, next }) });
}

interface Entry {
  readonly artifact: Artifact;
  readonly mayDownload: boolean;
}

/** What the app's rules let through; each run is looked at once. */
async function listable(site: Site, visitor: Visitor, artifacts: readonly Artifact[]): Promise<Entry[]> {
  const rules = new Map<string, Promise<{ view: boolean; download: boolean }>>();
  const rulesOf = async (runId: string) => {
    const run = await site.errand.get(runId);
    if (!run || !(await site.access.mayList(visitor, run))) return { view: false, download: false };
    return { view: true, download: await site.access.may(visitor, "download", run) };
  };
  const entries: Entry[] = [];
  for (const artifact of artifacts) {
    const rule = rules.get(artifact.runId) ?? rulesOf(artifact.runId);
    rules.set(artifact.runId, rule);
    const { view, download } = await rule;
    if (view) entries.push({ artifact, mayDownload: download });
  }
  return entries;
}
