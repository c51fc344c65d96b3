import type { Site } from "./site.ts";

/** Headers of everything that is meant for one visitor. */
export const privateHeaders = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  Vary: "Cookie, Accept-Language",
} as const;

const { "Referrer-Policy": _, ...unreferring } = privateHeaders;

/** The same for JSON, which has no links that could be followed: every header costs a poll more than a column of its run does. */
export const jsonHeaders = { ...unreferring, "Content-Type": "application/json" } as const;

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...jsonHeaders, ...headers } });
}

/** A page of ours: it loads only the site's own stylesheet and script, and its forms go only to the site and to where redirects may lead. */
export async function page(
  site: Site,
  content: { toString(): string | Promise<string> },
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const targets = ["'self'", ...site.redirectHosts].join(" ");
  return new Response(`<!doctype html>${await content.toString()}`, {
    status,
    headers: {
      ...privateHeaders,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action ${targets}; base-uri 'none'; frame-ancestors 'self'`,
      ...headers,
    },
  });
}

/** 302 after a GET, 303 after a POST. */
export function redirect(location: string, status: 302 | 303): Response {
  return new Response(null, { status, headers: { ...privateHeaders, Location: location } });
}

/** The same answer with more headers. */
export function withHeaders(response: Response, more: Headers | undefined): Response {
  for (const [name, value] of more ?? []) response.headers.append(name, value);
  return response;
}

/** Whether the asker would rather have JSON than a page. */
export function prefersJson(request: Request): boolean {
  const accept = request.headers.get("accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}

/** Whether the asker is a person's browser that shows what it gets. */
export function prefersPage(request: Request): boolean {
  return (request.headers.get("accept") ?? "").includes("text/html");
}
