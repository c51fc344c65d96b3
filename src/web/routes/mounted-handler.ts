import { type Context, Hono } from "hono";
import { answerError } from "../answer-error.tsx";
import type { WebHandler } from "../async-action-options.ts";
import { discardBody } from "../discard-body.ts";
import { notFound, wrongMethod } from "../refusal.ts";
import { prefersPage } from "../respond.ts";
import { answerRest } from "../rest/answer-rest.ts";
import { InvalidQuery } from "../rest/invalid-query.ts";
import { openApi } from "../rest/openapi.ts";
import { restResources } from "../rest/resources.ts";
import type { Site } from "../site.ts";
import { downloadArtifact } from "./download-artifact.ts";
import { eventsOfOwner } from "./events-of-owner.ts";
import { eventsOfRun } from "./events-of-run.ts";
import { healthz, readyz } from "./health.ts";
import { pageResources } from "./pages/resources.ts";
import { forgetPush, pushOffer, subscribePush } from "./push.ts";
import { readNotes } from "./read-notes.ts";
import { allowed, type Method, type Resource } from "./resource.ts";
import { browserScript, namedScript, stylesheet } from "./static-files.ts";

/** Everything under the site's path. Each resource is the only handler of its path, so the poll passes through no chain. */
export function mountedHandler(site: Site): WebHandler {
  const app = new Hono({ strict: false });
  for (const resource of resources(site)) {
    app.all(resource.path, (context: Context) => answer(site, resource, context.req.raw, context.req.param("id") ?? ""));
  }
  app.notFound((context) => refuse(site, context.req.raw, notFound()));
  app.onError((error, context) => refuse(site, context.req.raw, error));
  return async (request) => app.fetch(request);
}

function resources(site: Site): readonly Resource[] {
  const { mount, tasks, artifacts } = site.paths;
  return [
    ...restResources(site.paths),
    { path: `${tasks}/:id/events`, methods: { GET: eventsOfRun } },
    { path: `${tasks}/:id/notes`, methods: { GET: readNotes } },
    { path: `${mount}/events`, methods: { GET: eventsOfOwner } },
    { path: `${artifacts}/:id/download`, methods: { GET: downloadArtifact } },
    { path: `${mount}/push`, methods: { GET: pushOffer, POST: subscribePush } },
    { path: `${mount}/push/forget`, methods: { POST: forgetPush } },
    { path: `${mount}/openapi.json`, methods: { GET: openApi } },
    { path: `${mount}/asynctask.js`, methods: { GET: browserScript } },
    ...["errand-elements.js", "errand-fields.js", "errand-live.js", "errand-push.js", "errand-push-worker.js"].map((name) => ({
      path: `${mount}/${name}`,
      methods: { GET: namedScript },
    })),
    { path: `${mount}/errand.css`, methods: { GET: stylesheet } },
    ...(site.health
      ? [
          { path: `${mount}/healthz`, methods: { GET: healthz } },
          { path: `${mount}/readyz`, methods: { GET: readyz } },
        ]
      : []),
    ...pageResources(site.paths),
  ];
}

/** @throws Refusal 405 for a method that the resource does not know, 403 for an unsafe request of another site's page. */
function answer(site: Site, resource: Resource, request: Request, id: string): Promise<Response> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD" && method !== "OPTIONS") site.refuseForeign(request);
  if (resource.rest) return answerRest(site, resource, request, id);
  const handler = resource.methods[(method === "HEAD" ? "GET" : method) as Method];
  if (!handler) throw wrongMethod(method, allowed(resource));
  return handler(site, request, id);
}

async function refuse(site: Site, request: Request, error: unknown): Promise<Response> {
  await discardBody(request);
  return error instanceof InvalidQuery ? error.answer(site, request) : answerError(site, request, error, !prefersPage(request));
}
