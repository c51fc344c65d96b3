import { type FileHandle, open, stat } from "node:fs/promises";
import type { FileContent } from "../../core/task.ts";

/** Bytes read from a file at once. */
const CHUNK = 65_536;

/** The bytes of what a task gave as a file's content, piece by piece. @throws Error naming the path that is no file, or cannot be read */
export async function* chunksOf(content: FileContent): AsyncGenerator<Uint8Array> {
  if (typeof content !== "object" || content === null || content instanceof Uint8Array) yield bytesOf(content);
  // Before the path is looked for: a stream that reads a file has one too.
  else if (Symbol.asyncIterator in content) for await (const chunk of content) yield bytesOf(chunk);
  else yield* fileAt(content.path);
}

/** @throws TypeError for what is neither a text nor bytes */
export function bytesOf(content: string | Uint8Array): Uint8Array {
  if (typeof content === "string") return Buffer.from(content, "utf8");
  if (content instanceof Uint8Array) return content;
  throw new TypeError(`The content of an artifact is made of texts or bytes, but there is ${content === null ? "null" : `a ${typeof content}`}.`);
}

async function* fileAt(path: string | URL): AsyncGenerator<Uint8Array> {
  await using file = await opened(path);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function opened(path: string | URL): Promise<FileHandle> {
  try {
    if (!(await stat(path)).isFile()) throw new Error("it is no file");
    return await open(path);
  } catch (cause) {
    throw new Error(`The artifact's file ${String(path)} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}
