import { discardBody } from "../discard-body.ts";
import { notFound } from "../refusal.ts";
import { privateHeaders } from "../respond.ts";
import { allowedRun, identified, refusePart } from "../routes/allowed-run.ts";
import type { Site } from "../site.ts";

/** DELETE tasks/:id: the run with all that it left is gone, and so are its parts; one under way is canceled first. @throws Refusal 409 for a part */
export async function deleteRun(site: Site, request: Request, id: string): Promise<Response> {
  refusePart(await allowedRun(site, await identified(site, request), id, "delete"));
  await discardBody(request);
  if (!(await site.errand.remove(id))) throw notFound();
  return new Response(null, { status: 204, headers: privateHeaders });
}
