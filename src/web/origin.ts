export interface OriginOptions {
  /** Believe X-Forwarded-Proto and X-Forwarded-Host: only right behind a proxy that sets both itself. */
  readonly trustProxy: boolean;
  /** Other origins whose pages may POST here. */
  readonly trustedOrigins: ReadonlySet<string>;
}

/** The origin under which the browser knows this site, such as "https://tickets.example". */
export function siteOrigin(request: Request, url: URL, trustProxy: boolean): string {
  if (!trustProxy) return url.origin;
  const proto = forwarded(request, "x-forwarded-proto") ?? url.protocol.slice(0, -1);
  const host = forwarded(request, "x-forwarded-host") ?? url.host;
  const origin = `${proto}://${host}`;
  return (proto === "http" || proto === "https") && URL.canParse(origin) ? new URL(origin).origin : url.origin;
}

/**
 * Whether an unsafe request may be what the user wanted: it came from a page of this site or of a trusted one. A request with neither
 * Sec-Fetch-Site nor Origin comes from no browser, so it carries nobody's cookies against their will.
 */
export function isOwnRequest(request: Request, site: string, trusted: ReadonlySet<string>): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null && trusted.has(origin)) return true;
  const fetchSite = request.headers.get("sec-fetch-site");
  if (fetchSite !== null) return fetchSite === "same-origin" || fetchSite === "none";
  return origin === null || origin === site;
}

/** The origins as a set, in the form that browsers send. @throws RangeError naming the option and what is no origin. */
export function originSet(what: string, origins: readonly string[] = []): ReadonlySet<string> {
  return new Set(
    origins.map((origin) => {
      const parsed = URL.canParse(origin) ? new URL(origin) : undefined;
      if (parsed && /^https?:$/.test(parsed.protocol) && parsed.href === `${parsed.origin}/`) return parsed.origin;
      throw new RangeError(`${what} must hold origins such as "https://tickets.example", but holds ${JSON.stringify(origin)}.`);
    }),
  );
}

function forwarded(request: Request, name: string): string | undefined {
  return request.headers.get(name)?.split(",")[0]?.trim() || undefined;
}
