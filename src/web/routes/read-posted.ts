import { discardBody } from "../discard-body.ts";
import { type Fields, FormBody } from "../form-body.ts";
import { readBody } from "../read-body.ts";
import { safeRedirect } from "../redirects.ts";
import { prefersPage } from "../respond.ts";
import type { Site } from "../site.ts";

export interface Posted {
  /** For a browser's form: where it wants to go on, only ever a page of this site; for everybody else undefined. */
  readonly next: string | undefined;
  readonly fields: Fields;
}

/**
 * Reads the body of a POST that needs none.
 *
 * @throws Refusal 400, 413 or 415 for a body that is malformed, too large or of another kind.
 */
export async function readPosted(site: Site, request: Request): Promise<Posted> {
  const body = new FormBody();
  if (/^multipart\//i.test(request.headers.get("content-type") ?? "")) await discardBody(request);
  else await readBody(request, body, { limits: site.limits, storage: site.errand.storage, prefix: "uploads" });
  const next = prefersPage(request) ? (safeRedirect(body.fields.next, site.address(request), new Set()) ?? "/") : undefined;
  return { next, fields: body.fields };
}
