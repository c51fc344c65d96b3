import type { Storage } from "../core/storage.ts";
import { testFiles } from "./storage/files.ts";
import { testKeys } from "./storage/keys.ts";
import type { StorageTest } from "./storage/storage-test.ts";
import { testStreams } from "./storage/streams.ts";
import type { TestFunctions } from "./test-functions.ts";

/** An empty storage of one test's own. */
export interface StoragePlace {
  /** Another handle on the same files, as another process would have it. */
  open(): Storage;
  /** Removes it all; every handle is closed by then. */
  remove?(): Promise<void> | void;
}

/**
 * Registers the tests that every `Storage` passes; each has a place of its own. One of them writes and reads 192 MiB.
 *
 * ```ts
 * testStorage({ describe, test }, "my storage", () => ({ open: () => myStorage(freshBucket()) }));
 * ```
 */
export function testStorage({ describe, test }: TestFunctions, name: string, place: () => StoragePlace | Promise<StoragePlace>): void {
  const it: StorageTest = (title, body) => {
    test(title, async () => {
      const { open, remove } = await place();
      const storage = open();
      const other = open();
      try {
        await body(storage, other);
      } finally {
        await storage.close();
        await other.close();
        await remove?.();
      }
    });
  };
  describe(`storage ${name}`, () => {
    describe("files", () => testFiles(it));
    describe("keys", () => testKeys(it));
    describe("streams", () => testStreams(it));
  });
}
