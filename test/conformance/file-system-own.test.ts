import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { fileSystem } from "../../src/storages/file-system.ts";
import { tempDir } from "../support/temp.ts";

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("first half");
  throw new Error("the connection was lost");
}

test("a write that fails leaves no file anywhere in the folder, not even a hidden one", async () => {
  const folder = tempDir();
  const storage = fileSystem(folder);
  await expect(storage.write("uploads/1/a", failing())).rejects.toThrow("the connection was lost");
  const left = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(left.map(({ name }) => name)).toEqual([]);
});
