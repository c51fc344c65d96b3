import { ConfigurationError, NoFailedItemsError, RunNotEndedError } from "../../core/errors.ts";
import type { RerunOptions } from "../../runtime/errand.ts";
import type { RunHandle } from "../../runtime/task-api.ts";
import { isSuperuser } from "../access.ts";
import { notFound, Refusal } from "../refusal.ts";
import { json, redirect } from "../respond.ts";
import { allowedRun, identified } from "../routes/allowed-run.ts";
import { readPosted } from "../routes/read-posted.ts";
import { runBody } from "../run-body.ts";
import type { Site } from "../site.ts";

/**
 * POST tasks/:id/rerun: 201 with the document of a new run of the same task, input and owner; a browser's form goes on to the form's `next`.
 * With the field `only=failed` it does again only what failed.
 */
export async function rerunRun(site: Site, request: Request, id: string): Promise<Response> {
  const visitor = await identified(site, request);
  await allowedRun(site, visitor, id, "rerun");
  const { next, fields } = await readPosted(site, request);
  const { only } = fields;
  if (only !== undefined && only !== "failed") throw new Refusal(400, { key: "rest.invalid.only" });
  const { run } = await begin(site, id, only ? { only } : {});
  if (next !== undefined) return redirect(next, 303);
  const body = runBody({
    site,
    run,
    artifactIds: [],
    language: site.locale(request),
    isSuperuser: isSuperuser(visitor),
    origin: site.origin(request),
  });
  return json(body, 201, { Location: body.url });
}

async function begin(site: Site, id: string, options: RerunOptions): Promise<RunHandle> {
  try {
    const handle = await site.errand.rerun(id, options);
    if (handle) return handle;
  } catch (error) {
    if (error instanceof RunNotEndedError) throw new Refusal(409, { key: "rest.not_ended" });
    if (error instanceof NoFailedItemsError) throw new Refusal(409, { key: "rest.nothing_failed" });
    if (!(error instanceof ConfigurationError)) throw error;
    site.errand.log.warn({ error, runId: id }, "A run could not be rerun.");
    throw new Refusal(409, { key: "rest.unknown_task" });
  }
  throw notFound();
}
