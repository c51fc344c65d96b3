import { getMimeType } from "hono/utils/mime";
import type { Artifact, NewArtifact } from "../../core/artifact.ts";
import { artifactUrl } from "../../core/artifact-url.ts";
import { LeaseLostError, StoreError } from "../../core/errors.ts";
import { plainText } from "../../core/messages.ts";
import type { Storage } from "../../core/storage.ts";
import type { Store } from "../../core/store.ts";
import type { Artifacts, FileContent } from "../../core/task.ts";
import { newId } from "../new-id.ts";
import type { Writer } from "../writer.ts";
import type { Attempt } from "./attempt.ts";
import { bytesOf, chunksOf } from "./file-content.ts";

/** Longest name and media type of an artifact, characters. */
const LONGEST = 255;

/** Below this lie all files that a run made, and nothing else. */
export function artifactPrefix(runId: string): string {
  return `artifacts/${runId}`;
}

/** What one attempt leaves. A file is stored before its row, so a row never points at nothing; a file without a row goes with its run. */
export class RunArtifacts implements Artifacts {
  readonly #store: Store;
  readonly #writer: Pick<Writer, "written">;
  readonly #storage: Storage;
  readonly #attempt: Attempt;
  /** The last append of each name: they follow one another. */
  readonly #appended = new Map<string, Promise<Artifact>>();

  constructor({ store, writer, storage }: { store: Store; writer: Pick<Writer, "written">; storage: Storage }, attempt: Attempt) {
    this.#store = store;
    this.#writer = writer;
    this.#storage = storage;
    this.#attempt = attempt;
  }

  text(text: string, name = "Output"): Promise<Artifact> {
    return this.#insert({ name, kind: "text", text: String(text) });
  }

  async url(url: string, name = "Output"): Promise<Artifact> {
    return this.#insert({ name, kind: "url", url: artifactUrl(url) });
  }

  async file(name: string, content: FileContent, { type = mediaType(name) }: { type?: string } = {}): Promise<Artifact> {
    this.#attempt.signal.throwIfAborted();
    const id = newId();
    const key = this.#key(id);
    const size = await this.#storage.write(key, chunksOf(content), { signal: this.#attempt.signal });
    return this.#insertFile({ id, name, kind: "file", key, type, size });
  }

  append(name: string, content: string | Uint8Array, { type = mediaType(name) }: { type?: string } = {}): Promise<Artifact> {
    const before = this.#appended.get(name);
    const appended = before ? before.then((artifact) => this.#grow(artifact, bytesOf(content))) : this.#begin(name, type, bytesOf(content));
    this.#appended.set(name, appended);
    return appended;
  }

  async #begin(name: string, type: string, bytes: Uint8Array): Promise<Artifact> {
    this.#attempt.signal.throwIfAborted();
    const id = newId();
    const key = this.#key(id);
    return this.#insertFile({ id, name, kind: "file", key, type, size: await this.#storage.append(key, bytes) });
  }

  async #grow(artifact: Artifact, bytes: Uint8Array): Promise<Artifact> {
    this.#attempt.signal.throwIfAborted();
    const size = await this.#storage.append(artifact.key as string, bytes);
    return this.#kept(await this.#store.resizeArtifact(artifact.id, size, this.#guard()));
  }

  async #insertFile(artifact: Partial<NewArtifact> & Pick<NewArtifact, "name" | "kind" | "key">): Promise<Artifact> {
    try {
      return await this.#insert(artifact);
    } catch (error) {
      // After an error of the store nobody knows whether there is a row: the file stays, and goes with its run.
      if (!(error instanceof StoreError)) await this.#storage.remove(artifact.key as string).catch(() => undefined);
      throw error;
    }
  }

  async #insert(artifact: Partial<NewArtifact> & Pick<NewArtifact, "name" | "kind">): Promise<Artifact> {
    this.#attempt.signal.throwIfAborted();
    const { id: runId, attempt } = this.#attempt.run;
    const empty = { id: newId(), runId, attempt, text: null, url: null, key: null, type: null, size: null };
    const type = artifact.type ? plainText(artifact.type, LONGEST) : null;
    const name = plainText(String(artifact.name), LONGEST);
    const left = await this.#store.insertArtifact({ ...empty, ...artifact, name, type }, this.#guard());
    if (left) this.#writer.written(left.run);
    return this.#kept(left?.artifact);
  }

  #kept(artifact: Artifact | null | undefined): Artifact {
    if (artifact) return artifact;
    this.#attempt.interrupt("lease_lost");
    throw new LeaseLostError(this.#attempt.run.id, this.#attempt.run.attempt);
  }

  #key(id: string): string {
    return `${artifactPrefix(this.#attempt.run.id)}/${id}`;
  }

  #guard(): { attempt: number; worker: string } {
    return { attempt: this.#attempt.run.attempt, worker: this.#attempt.worker };
  }
}

/** The media type that a file name's ending stands for. */
function mediaType(name: string): string {
  return getMimeType(name) ?? "application/octet-stream";
}
