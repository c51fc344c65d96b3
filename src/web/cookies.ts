/** The cookies of a request, by name. Of two with one name the first counts, which browsers send for the longer path. */
export function readCookies(request: Request): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}

export interface CookieOptions {
  /** Seconds that the browser keeps it; 0 removes it. */
  readonly maxAge: number;
  /** Only over https. */
  readonly secure: boolean;
}

/** A Set-Cookie header that no script can read and that no other site's form can send. `value` holds no character that needs quoting. */
export function cookieHeader(name: string, value: string, { maxAge, secure }: CookieOptions): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}
