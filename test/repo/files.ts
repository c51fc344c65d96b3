import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const repo = fileURLToPath(new URL("../../", import.meta.url));

/** Paths under a folder of the repo that end in one of `endings`, with slashes, relative to that folder. */
export function filesUnder(folder: string, endings: readonly string[]): string[] {
  return readdirSync(join(repo, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => path.split(sep).join("/"))
    .sort();
}

/** Every text file that git knows of or would take, relative to the repo. */
export function ownFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: repo, encoding: "utf8" });
  return list.split("\n").filter((path) => path !== "" && existsSync(join(repo, path)) && !/\.(png|jpg|gif|webp|ico|woff2?|ttf|pdf|sqlite)$/.test(path));
}

export function read(path: string): string {
  return readFileSync(join(repo, path), "utf8");
}
