import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder on disk that is gone when its block is left. */
export class Scratch implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "errand-bench-"));

  file(name: string): string {
    return join(this.folder, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
