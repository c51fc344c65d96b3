import { Readable } from "node:stream";
import { DeleteObjectsCommand, GetObjectCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { v7 } from "uuid";
import type { Chunks, Storage } from "../core/storage.ts";
import { abortable } from "./abortable.ts";
import { storageKey } from "./storage-key.ts";

export interface S3Options {
  readonly bucket: string;
  /** Everything is kept below it: "errand" keeps the key "a/b" as the object "errand/a/b". */
  readonly prefix?: string;
  /** AWS_REGION by default; "us-east-1" for an endpoint of your own. */
  readonly region?: string;
  /** Address of a service other than Amazon's, such as "https://s3.example.com". */
  readonly endpoint?: string;
  /** Whether the bucket stands in the path and not in the host name. True by default for an endpoint of your own. */
  readonly pathStyle?: boolean;
  /** By default they are looked for where Amazon's own programs do: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, profiles, the machine's role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

/** An upload holds at most this many parts in memory; the service takes 10,000 of them, so a file may have 78 GiB. */
const PARTS_AT_ONCE = 2;
const PART_BYTES = 8 * 2 ** 20;
/** Most keys in one request to delete. */
const DELETE_AT_ONCE = 1000;
/** What was appended stands below its key, one object a piece, in the order of their names; no key can name these. */
const PIECE = "/.piece-";

interface StoredObject {
  readonly name: string;
  readonly size: number;
}

/**
 * Keeps files in a bucket of Amazon S3 or a service that speaks as it does. A file appears under its key whole or not at all.
 *
 * An object cannot grow, so each append stores one more object, and reading joins them: a request to write and one or more to list per
 * append, and one per piece to read. Gather small pieces before appending them, or write the file from a stream.
 *
 * A process that dies amid a large upload leaves its parts, which no list shows: give the bucket a lifecycle rule that aborts incomplete
 * multipart uploads after a day.
 */
export function s3(options: S3Options): Storage {
  const bucket = new Bucket(options);
  /** The last append of each key: they follow one another. */
  const appending = new Map<string, Promise<unknown>>();

  const pieceOf = async (key: string, chunk: Uint8Array): Promise<number> => {
    if (chunk.length > 0) await bucket.put(`${key}${PIECE}${v7()}`, chunk);
    const objects = await bucket.file(key);
    if (objects.length === 0) await bucket.put(key, chunk);
    return objects.reduce((sum, { size }) => sum + size, 0);
  };

  return {
    name: "s3",

    async write(key, chunks, { signal } = {}) {
      storageKey(key);
      signal?.throwIfAborted();
      const size = await bucket.upload(key, chunks, signal);
      const pieces = (await bucket.file(key)).filter(({ name }) => name !== key);
      await bucket.delete(pieces.map(({ name }) => name));
      return size;
    },

    async append(key, chunk) {
      storageKey(key);
      const appended = (appending.get(key) ?? Promise.resolve()).catch(() => undefined).then(() => pieceOf(key, chunk));
      appending.set(key, appended);
      try {
        return await appended;
      } finally {
        if (appending.get(key) === appended) appending.delete(key);
      }
    },

    async read(key, range): Promise<Chunks | null> {
      const objects = await bucket.file(storageKey(key));
      return objects.length === 0 ? null : bucket.join(objects, range);
    },

    async remove(prefix) {
      storageKey(prefix);
      let names: string[] = [];
      for await (const { name } of bucket.list(prefix)) {
        if (name !== prefix && !name.startsWith(`${prefix}/`)) continue;
        names.push(name);
        if (names.length < DELETE_AT_ONCE) continue;
        await bucket.delete(names);
        names = [];
      }
      await bucket.delete(names);
    },

    async list(prefix) {
      return bucket.below(storageKey(prefix));
    },

    async close() {
      bucket.close();
    },
  };
}

/** So many bytes of a stream, without the first `skip`. */
async function* between(chunks: Chunks, skip: number, length: number): AsyncGenerator<Uint8Array> {
  let [before, left] = [skip, length];
  for await (const chunk of chunks) {
    const wanted = chunk.subarray(before, before + left);
    before = Math.max(before - chunk.length, 0);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (left === 0) return;
  }
}

/** The objects of one bucket, by their names below its prefix. */
class Bucket {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor({ bucket, prefix = "", region, endpoint, pathStyle = endpoint !== undefined, credentials }: S3Options) {
    this.#bucket = bucket;
    this.#prefix = prefix === "" ? "" : `${storageKey(prefix)}/`;
    this.#client = new S3Client({
      ...(region !== undefined ? { region } : endpoint !== undefined && { region: process.env.AWS_REGION || "us-east-1" }),
      // Not every service that speaks as Amazon's knows its newer checksums.
      ...(endpoint !== undefined && { endpoint, requestChecksumCalculation: "WHEN_REQUIRED" as const, responseChecksumValidation: "WHEN_REQUIRED" as const }),
      ...(credentials && { credentials }),
      forcePathStyle: pathStyle,
    });
  }

  close(): void {
    this.#client.destroy();
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ ...this.#at(name), Body: bytes }));
  }

  /** Returns the length, bytes. @throws the signal's reason, or what the source threw */
  async upload(name: string, chunks: Chunks, signal: AbortSignal | undefined): Promise<number> {
    let size = 0;
    let broken: { readonly error: unknown } | undefined;
    const counted = async function* (source: Chunks): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of source) {
          size += chunk.length;
          yield chunk;
        }
      } catch (error) {
        broken = { error };
        throw error;
      }
    };
    const source = signal ? abortable(chunks, signal) : { chunks, release: () => {} };
    const body = Readable.from(counted(source.chunks), { objectMode: false });
    const upload = new Upload({ client: this.#client, params: { ...this.#at(name), Body: body }, queueSize: PARTS_AT_ONCE, partSize: PART_BYTES });
    const abort = (): void => void upload.abort();
    signal?.addEventListener("abort", abort);
    try {
      await upload.done();
      return size;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      // What went wrong first, should giving up the parts go wrong too.
      throw broken ? broken.error : error;
    } finally {
      signal?.removeEventListener("abort", abort);
      source.release();
    }
  }

  /** The objects that make up the file of this key, in their order: what was written, and what was appended to it. */
  async file(key: string): Promise<StoredObject[]> {
    const objects: StoredObject[] = [];
    for await (const object of this.list(key)) if (object.name === key || object.name.startsWith(`${key}${PIECE}`)) objects.push(object);
    return objects;
  }

  /** The bytes of these objects, or a range of them. */
  async *join(objects: readonly StoredObject[], { start, end } = { start: 0, end: Number.POSITIVE_INFINITY }): Chunks & AsyncGenerator<Uint8Array> {
    let offset = 0;
    for (const { name, size } of objects) {
      const first = Math.max(start - offset, 0);
      const last = Math.min(end - offset, size - 1);
      offset += size;
      if (first > last) continue;
      const part = first > 0 || last < size - 1 ? { Range: `bytes=${first}-${last}` } : {};
      const { Body, ContentRange } = await this.#client.send(new GetObjectCommand({ ...this.#at(name), ...part }));
      // A service may leave the range out of account.
      yield* between(Body as Readable, ContentRange === undefined ? first : 0, last - first + 1);
    }
  }

  /** All objects whose names begin with `start`, in the order of their names. */
  async *list(start: string): AsyncGenerator<StoredObject> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: `${this.#prefix}${start}` })) {
      for (const { Key = "", Size = 0 } of Contents) yield { name: Key.slice(this.#prefix.length), size: Size };
    }
  }

  /** The names directly below a folder, without what this storage keeps for itself. */
  async below(folder: string): Promise<string[]> {
    const start = `${this.#prefix}${folder}/`;
    const names = new Set<string>();
    const query = { Bucket: this.#bucket, Prefix: start, Delimiter: "/" };
    for await (const { Contents = [], CommonPrefixes = [] } of paginateListObjectsV2({ client: this.#client }, query)) {
      for (const { Key = "" } of Contents) names.add(Key.slice(start.length));
      for (const { Prefix = "" } of CommonPrefixes) names.add(Prefix.slice(start.length, -1));
    }
    return [...names].filter((name) => !name.startsWith("."));
  }

  /** @throws Error naming an object that could not be deleted */
  async delete(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const Delete = { Objects: names.map((name) => ({ Key: this.#at(name).Key })), Quiet: true };
    const { Errors = [] } = await this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete }));
    const [error] = Errors;
    if (error) throw new Error(`The object ${error.Key} of bucket ${this.#bucket} could not be deleted: ${error.Code} ${error.Message ?? ""}`);
  }

  #at(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${name}` };
  }
}
