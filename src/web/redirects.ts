// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for; URL parsers drop some of them.
const DANGEROUS = /[\u0000-\u001f\u007f]|^\s|^[^?#]*\\/;

/**
 * Where a redirect may lead: a path of this site, or an absolute URL on one of the `allowed` origins; null for anything else.
 *
 * @param target what an app or a request asked for; a relative one is read from `here`.
 * @param here the address of the request as the browser knows it.
 */
export function safeRedirect(target: unknown, here: URL, allowed: ReadonlySet<string>): string | null {
  if (typeof target !== "string" || target === "" || DANGEROUS.test(target) || !URL.canParse(target, here.href)) return null;
  const url = new URL(target, here);
  // The origin of a blob: URL is that of the site that made it.
  if ((url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "" || url.password !== "") return null;
  if (url.origin !== here.origin) return allowed.has(url.origin) ? url.href : null;
  // A path such as "/.//host" becomes "//host", which a browser would take for another site.
  return url.pathname.startsWith("//") ? null : url.pathname + url.search + url.hash;
}
