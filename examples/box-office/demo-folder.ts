import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface DemoFolder {
  readonly path: string;
  /** Removes the folder, if it was made for this process only. */
  leave(): void;
}

/** Where the demo keeps everything: the folder that DEMO_DATA names, else a fresh temporary one. */
export function demoFolder(named: string | undefined = process.env.DEMO_DATA): DemoFolder {
  if (named) {
    const path = resolve(named);
    mkdirSync(path, { recursive: true });
    return { path, leave: () => {} };
  }
  const path = mkdtempSync(join(tmpdir(), "box-office-"));
  return { path, leave: () => rmSync(path, { recursive: true, force: true }) };
}
