import { filesUnder, read } from "./files.ts";

/** The variables of the environment, ERRAND_…, that the sources read. */
export function variablesRead(): string[] {
  const found = filesUnder("src", [".ts", ".tsx"]).flatMap((file) =>
    [...read(`src/${file}`).matchAll(/\benv\.(ERRAND_\w+)/g)].map(([, name]) => name as string),
  );
  return [...new Set(found)].sort();
}
