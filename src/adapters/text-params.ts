import type { Params } from "../web/index.ts";

/** What a router found in the path, as texts: a wildcard's segments become a path again, and what is no text is left out. */
export function textParams(found: unknown): Params {
  const texts = Object.entries(found ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.join("/") : value] as const);
  return Object.fromEntries(texts.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}
