import { createHash } from "node:crypto";
import type { Artifact } from "../../core/artifact.ts";
import { attachment } from "../attachment.ts";
import { byteRange } from "../byte-range.ts";
import { notFound, Refusal } from "../refusal.ts";
import { privateHeaders } from "../respond.ts";
import { isRunId } from "../run-id.ts";
import type { Site } from "../site.ts";
import { allowedRun, identified } from "./allowed-run.ts";
import { matches } from "./read-run.ts";

/** GET artifacts/:id/download: a file or a text, only ever as an attachment, to who may download of its run or has a link that was made for them. */
export async function downloadArtifact(site: Site, request: Request, id: string): Promise<Response> {
  const artifact = await allowedArtifact(site, request, id);
  const text = artifact.kind === "text" ? Buffer.from(site.text(request, artifact.text ?? "")) : undefined;
  const size = text ? text.byteLength : artifact.size;
  if (size === null || (!text && artifact.key === null)) throw notFound();

  const etag = `"${artifact.id}-${text ? createHash("sha256").update(text).digest("base64url").slice(0, 22) : size}"`;
  const headers = { ...fileHeaders(artifact), ETag: etag };
  if (matches(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  const range = isRangeFor(request, etag) ? byteRange(request.headers.get("range"), size) : undefined;
  if (range === null) throw new Refusal(416, { key: "web.range" }, { "Content-Range": `bytes */${size}` });

  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = { "Content-Length": String(end - start + 1), "Accept-Ranges": "bytes" };
  const part = range && { "Content-Range": `bytes ${start}-${end}/${size}` };
  const init = { status: range ? 206 : 200, headers: { ...headers, ...length, ...part } };
  if (request.method === "HEAD" || size === 0) return new Response(null, init);
  if (text) return new Response(Uint8Array.from(text.subarray(start, end + 1)), init);
  // Never past the size that was announced: the task may be adding to the file.
  const chunks = await site.errand.storage.read(artifact.key as string, { start, end });
  if (!chunks) throw notFound();
  return new Response(ReadableStream.from(chunks), init);
}

/** @throws Refusal 403 for a link that is not valid (any more), else as everywhere: 403 to nobody, 404 for what is not theirs. */
async function allowedArtifact(site: Site, request: Request, id: string): Promise<Artifact> {
  const link = await site.links.check(id, new URL(request.url).searchParams);
  if (link === "expired" || link === "forged") throw new Refusal(403, { key: `rest.link_${link}` });
  const visitor = link === "good" ? undefined : await identified(site, request);
  // A link does not outlive the run: of one that was deleted since there is no artifact.
  const artifact = isRunId(id) ? await site.errand.artifacts.get(id) : null;
  if (!artifact) throw notFound();
  if (visitor) await allowedRun(site, visitor, artifact.runId, "download");
  return artifact;
}

/** A range is asked for, of the file as it is now. Only a GET knows ranges. */
function isRangeFor(request: Request, etag: string): boolean {
  const condition = request.headers.get("if-range");
  return request.method === "GET" && request.headers.has("range") && (condition === null || condition === etag);
}

function fileHeaders(artifact: Artifact): Record<string, string> {
  const name = artifact.kind === "text" && !/\.\w+$/.test(artifact.name) ? `${artifact.name}.txt` : artifact.name;
  return {
    ...privateHeaders,
    "Cache-Control": "private, no-cache",
    "Content-Type": artifact.kind === "text" ? "text/plain; charset=utf-8" : mediaType(artifact.type),
    "Content-Disposition": attachment(name),
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
  };
}

function mediaType(type: string | null): string {
  return type !== null && /^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*$/.test(type) ? type : "application/octet-stream";
}
