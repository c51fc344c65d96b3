import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { filesUnder, repo } from "./files.ts";

/** What was built before the last change says nothing of what would be shipped now. @throws Error saying what to do */
export function checkBuilt(): void {
  const stale = filesUnder("src", [".ts", ".tsx"]).filter((file) => !isBuilt(file));
  if (stale.length > 0)
    throw new Error(`dist/ is missing or older than ${stale.length} files of src/, such as src/${stale[0]}: run \`npm run build\`, as \`npm test\` does.`);
}

function isBuilt(file: string): boolean {
  // The page's script is one file made of all of its folder.
  const built = join(repo, "dist", file.startsWith("browser/") ? "browser/asynctask.js" : file.replace(/\.tsx?$/, ".js"));
  return existsSync(built) && statSync(built).mtimeMs >= statSync(join(repo, "src", file)).mtimeMs;
}
