/** Longest address that can be a key, characters. */
const LONGEST = 8192;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** Stands in for the origin of an address that has none. */
const NOWHERE = "http://nowhere.invalid";

/**
 * One spelling for all spellings of the same address: host in lower case, no default port, no fragment, parameters sorted by name (those of
 * one name keep their order), percent-encoding only where it is needed. An address without an origin, such as "/add/3/5/", stays so.
 *
 * @param ignore Names of parameters that do not matter, such as "gclid"; "utm_*" stands for all that begin so.
 * @throws RangeError for what is no http(s) address, carries a password, or is over 8192 characters.
 */
export function canonicalUrl(address: string, ignore: readonly string[] = []): string {
  const url = parse(address);
  if (url.pathname.includes("%")) url.pathname = url.pathname.replace(/%[0-9a-f]{2}/gi, spelled);
  const search = url.search === "" ? "" : canonicalQuery(url, ignore);
  const canonical = `${url.origin === NOWHERE ? "" : url.origin}${url.pathname}${search}`;
  if (canonical.length > LONGEST)
    throw new RangeError(`An address that a run is found by must not be over ${LONGEST} characters, but this one has ${canonical.length}.`);
  return canonical;
}

function canonicalQuery(url: URL, ignore: readonly string[]): string {
  const kept = [...url.searchParams].filter(([name]) => !ignore.some((pattern) => matches(name, pattern)));
  const query = new URLSearchParams(kept);
  query.sort();
  return query.size > 0 ? `?${query}` : "";
}

function parse(address: string): URL {
  // Most are whole: the base, which would be read each time too, is only for those that are not.
  const url = typeof address === "string" ? (URL.parse(address) ?? URL.parse(address, NOWHERE)) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new RangeError(
      `A run is found by an http or https address without a password, or by a path such as "/add/3/5/", but not by ${JSON.stringify(address)}.`,
    );
  }
  return url;
}

/** A character that needs no encoding is written plainly, the others with capital letters. */
function spelled(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
