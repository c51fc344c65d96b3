import { isSuperuser } from "../access.ts";
import { jsonHeaders } from "../respond.ts";
import { runBody } from "../run-body.ts";
import type { Site } from "../site.ts";
import { identified, visibleRun } from "./allowed-run.ts";

const headers = { ...jsonHeaders, "Cache-Control": "private, no-cache" };

/** GET tasks/:id: the run document as JSON, or 304 when the asker has this revision already. */
export async function readRun(site: Site, request: Request, id: string): Promise<Response> {
  const visitor = await identified(site, request);
  const { run, artifactIds } = await visibleRun(site, visitor, id);
  const language = site.locale(request);
  const superuser = isSuperuser(visitor);
  const etag = `"${run.rev}-${artifactIds.length}-${language}${superuser ? "-all" : ""}"`;
  if (matches(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers: { ...headers, ETag: etag } });
  const body = runBody({ site, run, artifactIds, language, isSuperuser: superuser, origin: site.origin(request) });
  return new Response(JSON.stringify(body), { status: 200, headers: { ...headers, ETag: etag } });
}

/** Whether a condition such as If-None-Match names this ETag. */
export function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((part) => part.trim().replace(/^W\//, "") === etag || part.trim() === "*");
}
