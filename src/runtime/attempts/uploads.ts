import { NotFound } from "../../core/errors.ts";
import type { Run } from "../../core/run.ts";
import type { Chunks, Storage } from "../../core/storage.ts";
import type { Upload } from "../../core/task.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Below this lie all files that were uploaded for a run, and nothing else. */
export function uploadPrefix(runId: string): string {
  return `uploads/${runId}`;
}

/**
 * The bytes of an uploaded file. A reference is looked for only among the files of this run, so one that somebody forged or copied
 * opens nothing of another run's.
 *
 * @throws NotFound
 */
export async function openUpload(storage: Storage, run: Pick<Run, "id">, upload: Upload): Promise<Chunks> {
  if (UUID.test(upload?.upload)) {
    const chunks = await storage.read(`${uploadPrefix(run.id)}/${upload.upload}`);
    if (chunks) return chunks;
  }
  throw new NotFound("The uploaded file is not there any more.");
}
