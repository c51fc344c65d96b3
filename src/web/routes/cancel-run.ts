import { isSuperuser } from "../access.ts";
import { notFound } from "../refusal.ts";
import { json, redirect } from "../respond.ts";
import { runBody } from "../run-body.ts";
import type { Site } from "../site.ts";
import { allowedRun, identified } from "./allowed-run.ts";
import { readPosted } from "./read-posted.ts";

/** POST tasks/:id/cancel: the run document as JSON, "Canceling" while the task has yet to stop; a browser's form goes on to the form's `next`. */
export async function cancelRun(site: Site, request: Request, id: string): Promise<Response> {
  const visitor = await identified(site, request);
  await allowedRun(site, visitor, id, "cancel");
  const { next } = await readPosted(site, request);
  const run = await site.errand.cancel(id);
  if (!run) throw notFound();
  if (next !== undefined) return redirect(next, 303);
  const artifactIds = (await site.errand.artifacts.list([id])).map((artifact) => artifact.id);
  return json(runBody({ site, run, artifactIds, language: site.locale(request), isSuperuser: isSuperuser(visitor), origin: site.origin(request) }));
}
