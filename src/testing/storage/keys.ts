import assert from "node:assert/strict";
import { chunksOf, get, put } from "./bytes.ts";
import type { StorageTest } from "./storage-test.ts";

/** Keys that would lead out of the storage, or mean different files to different storages. */
const wrongKeys: readonly string[] = [
  "",
  ".",
  "..",
  "../outside",
  "../../outside",
  "a/../../outside",
  "a/..",
  "a/../b",
  "a/./b",
  "./a",
  "/outside",
  "/etc/passwd",
  "//outside",
  "a//b",
  "a/",
  "a/.hidden",
  ".hidden",
  "a\\..\\b",
  "C:\\outside",
  "a\0b",
  "a\n",
  "a b",
  "%2e%2e/outside",
  "..%2foutside",
  "ä",
  "a?b",
  "a*",
  "~",
];

export function testKeys(it: StorageTest): void {
  for (const key of wrongKeys) {
    it(`the key ${JSON.stringify(key)} is refused everywhere`, async (storage) => {
      await put(storage, "a/kept", "text");
      const uses = {
        write: () => storage.write(key, chunksOf("outside")),
        append: () => storage.append(key, Buffer.from("outside")),
        read: () => storage.read(key),
        "read a range": () => storage.read(key, { start: 0, end: 1 }),
        remove: () => storage.remove(key),
        list: () => storage.list(key),
      };
      for (const [name, use] of Object.entries(uses)) {
        await assert.rejects(
          use,
          (thrown) => thrown instanceof RangeError && thrown.message.includes(JSON.stringify(key)),
          `${name} must reject with a RangeError that names the key`,
        );
      }
      assert.equal(await get(storage, "a/kept"), "text");
      assert.deepEqual(await storage.list("a"), ["kept"]);
    });
  }

  it("plain keys of every kind are kept apart", async (storage) => {
    const keys = ["a", "A-b_c.d", "0", "-", "_", "a.part", "a.b..c", "x/a", "x/y/a", "01890a5d-ac96-774b-bcce-b302099a8057/file.tar.gz", "n".repeat(200)];
    const distinct = keys.filter((key) => key !== "a");
    for (const key of distinct) await put(storage, key, `in ${key}`);
    for (const key of distinct) assert.equal(await get(storage, key), `in ${key}`);
  });
}
