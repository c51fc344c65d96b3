import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { read, repo } from "../repo/files.ts";

interface Locked {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly dependencies?: Readonly<Record<string, string>> }>>;
}

const { packages } = JSON.parse(read("package-lock.json")) as Locked;

/** What npm installs below these packages, by name, sorted, without themselves; "errand" is this one. */
export function closureOf(names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const below of Object.keys(packages[name === "errand" ? "" : `node_modules/${name}`]?.dependencies ?? {})) {
      if (found.has(below)) continue;
      found.add(below);
      visit(below);
    }
  };
  for (const name of names) visit(name);
  return [...found].sort();
}

/** What a package takes on the disk, bytes. */
export function sizeOf(name: string): number {
  const folder = join(repo, "node_modules", name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

export function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(repo, "node_modules", name, "package.json"), "utf8")) as { version: string }).version;
}
