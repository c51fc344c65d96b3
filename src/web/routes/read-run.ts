import { hash } from "node:crypto";
import type { RunWithArtifacts } from "../../core/run.ts";
import { isSuperuser, type Visitor } from "../access.ts";
import { preferencesOf } from "../polling/preferences.ts";
import { notFound } from "../refusal.ts";
import { jsonHeaders } from "../respond.ts";
import { retryAfter } from "../retry-after.ts";
import { runBody } from "../run-body.ts";
import type { Site } from "../site.ts";
import { seen, watches } from "../watching.ts";
import { identified, visibleRun } from "./allowed-run.ts";

const headers = { ...jsonHeaders, "Cache-Control": "private, no-cache" };

/** GET tasks/:id: the run document as JSON, or 304 when the asker has it already; with `Prefer: wait`, it waits for the run to move on first. */
export async function readRun(site: Site, request: Request, id: string): Promise<Response> {
  const began = performance.now();
  const visitor = await identified(site, request);
  const found = await visibleRun(site, visitor, id);
  const document = documentOf(site, request, visitor, found);
  if (site.errand.presence.isEnabled) seen(site, request, visitor.owner, retryAfter(found.run, Date.now()) ?? 0);
  const response = (request.headers.has("prefer") ? await waited(site, request, visitor, document) : undefined) ?? answer(request, document);
  site.errand.observers.shown(found.run, { kind: "document", began, status: response.status });
  return response;
}

interface RunDocument extends RunWithArtifacts {
  readonly text: string;
  readonly etag: string;
}

function documentOf(site: Site, request: Request, visitor: Visitor, found: RunWithArtifacts): RunDocument {
  const text = JSON.stringify(runBody({ site, ...found, language: site.locale(request), isSuperuser: isSuperuser(visitor), origin: site.origin(request) }));
  // Texts change with language, reader and release, not only with rev: only the bytes themselves tell all of it.
  return { ...found, text, etag: `"${found.run.rev}-${hash("sha1", text, "base64url")}"` };
}

function answer(request: Request, { run, text, etag }: RunDocument, more?: Readonly<Record<string, string>>): Response {
  const retry = retryAfter(run, Date.now());
  const about = { ...headers, ETag: etag, ...(retry !== null && { "Retry-After": String(retry) }), ...more };
  return matches(request.headers.get("if-none-match"), etag) ? new Response(null, { status: 304, headers: about }) : new Response(text, { headers: about });
}

/** The answer to an asker who has this document and prefers to wait for the next; undefined when there is nothing to wait for, or no place to. */
async function waited(site: Site, request: Request, visitor: Visitor, document: RunDocument): Promise<Response | undefined> {
  const { wait = 0, applied } = preferencesOf(request);
  const { run, etag } = document;
  if (wait === 0 || applied === undefined || run.ended !== null || !(matches(request.headers.get("if-none-match"), etag) || knownRev(request) === run.rev))
    return;
  const release = site.streams.admitPoll(visitor.owner ?? "");
  if (!release) return;
  const goAway = watches(site, request, visitor.owner);
  try {
    const moved = await site.errand.wait(run.id, { timeout: wait, rev: run.rev, signal: request.signal });
    if (!moved) throw notFound();
    const next = moved.rev === run.rev ? document : documentOf(site, request, visitor, await visibleRun(site, visitor, run.id));
    return answer(request, next, { "Preference-Applied": applied });
  } catch (error) {
    if (site.errand.closing.aborted || request.signal.aborted) return; // Another process will hold the next one, or nobody reads the answer.
    throw error;
  } finally {
    release();
    goAway();
    seen(site, request, visitor.owner);
  }
}

/** The `rev` that the asker says to have. */
export function knownRev(request: Request): number | undefined {
  const text = new URL(request.url).searchParams.get("rev");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Whether a condition such as If-None-Match names this ETag. */
export function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((part) => part.trim().replace(/^W\//, "") === etag || part.trim() === "*");
}
