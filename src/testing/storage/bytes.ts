import type { Chunks, Storage } from "../../core/storage.ts";

/** The chunks of these texts, one each. */
export async function* chunksOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** All bytes as one text, or null when there is no file. */
export async function textOf(chunks: Chunks | null): Promise<string | null> {
  if (chunks === null) return null;
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

/** Writes a file of this text. */
export function put(storage: Storage, key: string, text: string): Promise<number> {
  return storage.write(key, chunksOf(text));
}

/** The file's text, or null when there is no such file. */
export async function get(storage: Storage, key: string): Promise<string | null> {
  return textOf(await storage.read(key));
}
