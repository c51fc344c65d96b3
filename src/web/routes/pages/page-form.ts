import { discardBody } from "../../discard-body.ts";
import { FormBody } from "../../form-body.ts";
import { readBody } from "../../read-body.ts";
import type { Site } from "../../site.ts";

/** The fields of a page's form, each with all that it came with. None of these forms has files, so a body that could is not read. */
export async function pageForm(site: Site, request: Request): Promise<(name: string) => readonly string[]> {
  const body = new FormBody();
  if (/^multipart\//i.test(request.headers.get("content-type") ?? "")) await discardBody(request);
  else await readBody(request, body, { limits: site.limits, storage: site.errand.storage, prefix: "uploads" });
  return (name) => [body.fields[name] ?? []].flat().filter((value) => typeof value === "string");
}
