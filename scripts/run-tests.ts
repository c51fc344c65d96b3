import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// vitest run, and once more those files whose process was gone before it had said what became of its tests: V8 ends one now and then, where
// threads come and go (nodejs/node#64500). A test that fails, and an error of any other kind, is never tried again.

/** More than these are no accident. */
const MOST_FILES = 3;
/** A file system in memory, on Linux, and the room that it must have, bytes: tests wait for a disk at every commit of theirs. */
const MEMORY = "/dev/shm";
const ROOM = 4 * 1024 ** 3;

const folder = mkdtempSync(join(roomInMemory() ? MEMORY : realpathSync(tmpdir()), "errand-tests-"));
chmodSync(folder, 0o711); // Private servers do not run as root.
const report = join(folder, "unfinished.json");
const env = {
  ...process.env,
  TMPDIR: folder,
  // Hundreds of processes and threads of the tests load the same sources: each is compiled once.
  NODE_COMPILE_CACHE: join(folder, "compiled"),
  ERRAND_UNFINISHED: report,
};
try {
  const status = vitest(process.argv.slice(2));
  const files = status === 0 ? [] : onlyUnfinished();
  if (files.length > 0) console.error(`The processes of these were gone before their end; running them again: ${files.join(", ")}`);
  process.exitCode = files.length > 0 ? vitest(files) : status;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function vitest(args: readonly string[]): number {
  return spawnSync("vitest", ["run", ...args], { stdio: "inherit", env }).status ?? 1;
}

function roomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return process.env.TMPDIR === undefined && bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}

/** The files whose process was gone, if that is all that was wrong. */
function onlyUnfinished(): string[] {
  try {
    const { failed, unfinished } = JSON.parse(readFileSync(report, "utf8")) as { failed: number; unfinished: string[] };
    return failed === 0 && unfinished.length <= MOST_FILES ? unfinished : [];
  } catch {
    return [];
  }
}
