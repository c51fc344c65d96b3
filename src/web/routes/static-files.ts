import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { css } from "../pages/style.ts";
import { Refusal } from "../refusal.ts";
import type { Site } from "../site.ts";
import { matches } from "./read-run.ts";

/** The same two folders up from src/web/routes and from dist/web/routes. */
const SCRIPTS = new URL("../../../dist/browser/", import.meta.url);

interface StaticFile {
  readonly content: string;
  readonly etag: string;
}

const style = staticFile(css);
const scripts = new Map<string, StaticFile>();

/** GET errand.css: the stylesheet of Errand's own pages. */
export async function stylesheet(_site: Site, request: Request): Promise<Response> {
  return answer(request, style, "text/css; charset=utf-8");
}

/** GET asynctask.js: the script of an app's forms. @throws Refusal 404 saying so, when it was not built. */
export async function browserScript(_site: Site, request: Request): Promise<Response> {
  return answer(request, await readScript("asynctask.js"), "text/javascript; charset=utf-8");
}

/** GET errand-elements.js, and what the scripts load when they need it: served under the name that it was built with. @throws Refusal 404 saying so, when it was not built. */
export async function namedScript(_site: Site, request: Request): Promise<Response> {
  const name = new URL(request.url).pathname.split("/").at(-1) as string;
  return answer(request, await readScript(name), "text/javascript; charset=utf-8");
}

/** GET errand-pages.js: the script of Errand's own pages. @throws Refusal 404 saying so, when it was not built. */
export async function pagesScript(_site: Site, request: Request): Promise<Response> {
  return answer(request, await readScript("errand-pages.js"), "text/javascript; charset=utf-8");
}

async function readScript(name: string): Promise<StaticFile> {
  const known = scripts.get(name);
  if (known) return known;
  try {
    const script = staticFile(await readFile(new URL(name, SCRIPTS), "utf8"));
    scripts.set(name, script);
    return script;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Refusal(404, { key: "web.not_built" });
    throw error;
  }
}

function staticFile(content: string): StaticFile {
  return { content, etag: `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"` };
}

/** Kept for 5 minutes and then asked for anew, so that an update of the package soon reaches everybody. */
function answer(request: Request, { content, etag }: StaticFile, type: string): Response {
  const headers = { ETag: etag, "Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff" };
  if (matches(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  return new Response(content, { status: 200, headers: { ...headers, "Content-Type": type, "Cross-Origin-Resource-Policy": "same-origin" } });
}
