import { join } from "node:path";
import { describe, test } from "vitest";
import { fileSystem } from "../../src/storages/file-system.ts";
import { testStorage } from "../../src/testing/index.ts";
import { tempDir } from "../support/temp.ts";

testStorage({ describe, test }, "file-system", () => {
  const folder = join(tempDir(), "made", "later");
  return { open: () => fileSystem(folder) };
});
