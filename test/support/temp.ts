import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let root: string | undefined;
let count = 0;

/** A fresh empty folder, removed when the test file is over (by test/support/leaks.ts). */
export function tempDir(): string {
  root ??= mkdtempSync(join(realpathSync(tmpdir()), "errand-test-"));
  count += 1;
  const folder = join(root, String(count));
  mkdirSync(folder);
  return folder;
}

/** Path of a database file that does not exist yet, in a folder of its own. */
export function freshDatabase(): string {
  return join(tempDir(), "errand.sqlite");
}

export function removeTempDirs(): void {
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
  root = undefined;
}
