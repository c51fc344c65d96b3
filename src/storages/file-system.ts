import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Chunks, Storage } from "../core/storage.ts";
import { abortable } from "./abortable.ts";
import { storageKey } from "./storage-key.ts";

export interface FileSystemOptions {
  /** The folder that holds everything; created when it is first written to. */
  readonly folder: string;
}

/** Keeps files in a folder. A file appears under its key whole or not at all. */
export function fileSystem(options: FileSystemOptions | string): Storage {
  const root = resolve(typeof options === "string" ? options : options.folder);
  const pathOf = (key: string): string => join(root, storageKey(key));
  return {
    name: "file-system",

    async write(key, chunks, { signal } = {}) {
      const path = pathOf(key);
      signal?.throwIfAborted();
      await mkdir(dirname(path), { recursive: true });
      // No key names such a file, and no two writes share one.
      const part = join(dirname(path), `.${randomUUID()}`);
      const file = await open(part, "wx");
      const source = signal ? abortable(chunks, signal) : { chunks, release: () => {} };
      try {
        await pipeline(Readable.from(source.chunks), file.createWriteStream());
        const { size } = await stat(part);
        await rename(part, path);
        return size;
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      } finally {
        source.release();
      }
    },

    async append(key, chunk) {
      const path = pathOf(key);
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, "a");
      try {
        await file.appendFile(chunk);
        return (await file.stat()).size;
      } finally {
        await file.close();
      }
    },

    async read(key, range): Promise<Chunks | null> {
      const file = await unlessAbsent(open(pathOf(key)), null);
      if (file === null) return null;
      try {
        if ((await file.stat()).isFile()) return file.createReadStream(range);
      } catch (error) {
        await file.close();
        throw error;
      }
      await file.close();
      return null;
    },

    async remove(prefix) {
      await unlessAbsent(rm(pathOf(prefix), { recursive: true, force: true }), undefined);
    },

    async list(prefix) {
      const names = await unlessAbsent(readdir(pathOf(prefix)), []);
      return names.filter((name) => !name.startsWith("."));
    },

    async close() {},
  };
}

/** `absent` when there is nothing of that name, or a file where a folder was looked for. */
async function unlessAbsent<T, Absent>(found: Promise<T>, absent: Absent): Promise<T | Absent> {
  try {
    return await found;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code as string)) return absent;
    throw error;
  }
}
