import { notFound } from "../refusal.ts";
import { json } from "../respond.ts";
import { allowedRun, identified } from "../routes/allowed-run.ts";
import { isRunId } from "../run-id.ts";
import type { Site } from "../site.ts";
import { artifactBody } from "./artifact-body.ts";

/** GET artifacts/:id: the artifact document, to whoever may view its run. */
export async function readArtifact(site: Site, request: Request, id: string): Promise<Response> {
  const visitor = await identified(site, request);
  const artifact = isRunId(id) ? await site.errand.artifacts.get(id) : null;
  if (!artifact) throw notFound();
  const run = await allowedRun(site, visitor, artifact.runId, "view");
  return json(await artifactBody({ site, request, artifact, mayDownload: await site.access.may(visitor, "download", run) }));
}
