import { isSuperuser } from "../access.ts";
import { wrongMethod } from "../refusal.ts";
import { json, prefersPage } from "../respond.ts";
import { forbidden, identified } from "../routes/allowed-run.ts";
import { allowed, type Method, type Resource } from "../routes/resource.ts";
import type { Site } from "../site.ts";
import { refuseUnacceptable } from "./negotiation.ts";

/** Answers a request to a part of the REST API, or says why its method is not for the asker. @throws Refusal */
export async function answerRest(site: Site, resource: Resource, request: Request, id: string): Promise<Response> {
  const { method } = request;
  const answer = resource.methods[(method === "HEAD" ? "GET" : method) as Method];
  if (answer) {
    // A page's form is answered with a redirect.
    if (method !== "POST" || !prefersPage(request)) refuseUnacceptable(request);
    return answer(site, request, id);
  }
  const visitor = await identified(site, request);
  if (method === "OPTIONS") return options(resource);
  if (resource.rest?.superuserOnly?.includes(method) && !isSuperuser(visitor)) throw forbidden();
  throw wrongMethod(method, allowed(resource));
}

/** What the address is, as Django REST framework answers OPTIONS. */
function options(resource: Resource): Response {
  const { name, description } = resource.rest as NonNullable<Resource["rest"]>;
  const parses = "POST" in resource.methods ? ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"] : [];
  return json({ name, description, renders: ["application/json"], parses }, 200, { Allow: allowed(resource) });
}
