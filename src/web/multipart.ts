import { randomUUID } from "node:crypto";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import type { Storage } from "../core/storage.ts";
import type { Upload } from "../core/task.ts";
import { type BodyLimits, sizeInWords } from "./body-limits.ts";
import type { FormBody } from "./form-body.ts";
import { Refusal } from "./refusal.ts";
import { tooManyFields } from "./url-encoded.ts";

export interface MultipartOptions {
  readonly limits: BodyLimits;
  readonly storage: Storage;
  /** Files are stored as `<prefix>/<uuid>`. */
  readonly prefix: string;
}

/** Reads a multipart form, its files streamed to the storage. Limits hold while it is read, so nothing large is ever kept. */
export async function readMultipart(request: Request, contentType: string, body: FormBody, options: MultipartOptions): Promise<void> {
  const { limits } = options;
  const failure = Promise.withResolvers<never>();
  const finished = Promise.withResolvers<void>();
  failure.promise.catch(() => {});
  const abort = new AbortController();
  const streams: BusboyFileStream[] = [];
  const fail = (error: unknown) => {
    failure.reject(error);
    abort.abort(error);
    for (const stream of streams) stream.destroy(error as Error);
  };
  const stored: Promise<{ readonly field: string; readonly upload: Upload | null }>[] = [];
  const parser = newParser(contentType, limits);
  let fieldBytes = 0;
  let fileBytes = 0;

  parser
    .on("field", (name, value, nameTruncated, valueTruncated) => {
      fieldBytes += Buffer.byteLength(name ?? "") + Buffer.byteLength(value);
      if (nameTruncated || valueTruncated || fieldBytes > limits.maxBody) fail(tooLarge("web.body_too_large", limits.maxBody));
      else body.addField(name ?? "", value);
    })
    .on("file", (field, stream, name, _encoding, type) => {
      const count = (bytes: number) => {
        fileBytes += bytes;
        if (fileBytes > limits.maxUpload) throw tooLarge("web.upload_too_large", limits.maxUpload);
      };
      stream.on("error", (error) => fail(malformed(error)));
      streams.push(stream);
      const file = storeFile(stream, { name: name ?? "", type }, count, options, abort.signal).then((upload) => ({ field: field ?? "", upload }));
      file.catch(fail);
      stored.push(file);
    })
    .on("partsLimit", () => fail(tooManyFields(limits)))
    .on("error", (error) => fail(malformed(error)))
    .on("finish", () => finished.resolve());

  const reader = request.body?.getReader();
  try {
    let bytes = 0;
    for (let piece = await reader?.read(); piece && !piece.done; piece = await Promise.race([reader?.read(), failure.promise])) {
      bytes += piece.value.byteLength;
      // A form that is all names and boundaries must end too.
      if (bytes > limits.maxUpload + 2 * limits.maxBody) throw tooLarge("web.upload_too_large", limits.maxUpload);
      if (!parser.write(piece.value)) await Promise.race([drained(parser), failure.promise]);
    }
    parser.end();
    await Promise.race([finished.promise, failure.promise]);
    for (const { field, upload } of await Promise.race([Promise.all(stored), failure.promise])) if (upload) body.addFile(field, upload);
  } catch (error) {
    fail(error);
    throw error;
  } finally {
    await Promise.allSettled(stored);
    // Not canceled: that would cut the connection before the answer is read.
    reader?.releaseLock();
  }
}

function newParser(contentType: string, limits: BodyLimits): BusboyInstance {
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      limits: { parts: limits.maxFields, fieldSize: limits.maxBody, headerPairs: 100, headerSize: 16_384 },
    });
  } catch (error) {
    throw malformed(error);
  }
}

/** Stores one file, unless it is what a browser sends for a file field that was left empty. */
async function storeFile(
  stream: BusboyFileStream,
  { name, type }: { name: string; type: string },
  count: (bytes: number) => void,
  { storage, prefix }: MultipartOptions,
  signal: AbortSignal,
): Promise<Upload | null> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done && name === "") return null;
  const upload = randomUUID();
  const size = await storage.write(`${prefix}/${upload}`, counted(first, chunks, count), { signal });
  return { upload, name, type, size };
}

async function* counted(first: IteratorResult<Buffer>, chunks: AsyncIterator<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for (let piece = first; !piece.done; piece = await chunks.next()) {
    count(piece.value.byteLength);
    yield piece.value;
  }
}

function drained(parser: BusboyInstance): Promise<void> {
  return new Promise((resolve) => parser.once("drain", () => resolve()));
}

function tooLarge(key: string, limit: number): Refusal {
  return new Refusal(413, { key, params: { limit: sizeInWords(limit) } });
}

function malformed(error: unknown): Refusal {
  const why = error instanceof Error ? error.message.replace(/^(Multipart: )/, "") : String(error);
  return new Refusal(400, { key: "web.malformed_form", params: { why: why.slice(0, 100) } });
}
