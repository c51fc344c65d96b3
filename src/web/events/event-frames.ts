import type { RunWithArtifacts } from "../../core/run.ts";
import { runBody } from "../run-body.ts";
import type { Site } from "../site.ts";

/** How a reader sees documents. */
export interface View {
  readonly language: string;
  readonly isSuperuser: boolean;
  /** Begins all URLs. */
  readonly origin: string;
}

/** What the ids of a stream's events are: of one run its `rev`, of several the time of the change, ms since 1970. */
export type EventIds = "rev" | "modified";

const encoder = new TextEncoder();

/** Comes first: how long a client is to wait before it connects again, ms. Not the same for all, so that they do not all come at once. */
export function opening(retry: number): Uint8Array {
  return encoder.encode(`retry: ${retry}\n\n`);
}

/** A comment, so that neither side nor anything in between takes the connection for dead. */
export const heartbeat: Uint8Array = encoder.encode(":\n\n");

export function goneFrame(runId: string): Uint8Array {
  return encoder.encode(`event: gone\ndata: ${JSON.stringify({ id: runId })}\n\n`);
}

/** Which runs the stream tells of, newest first: whatever else a client shows has been deleted, or has ended before them. */
export function runsFrame(ids: readonly string[]): Uint8Array {
  return encoder.encode(`event: runs\ndata: ${JSON.stringify({ ids })}\n\n`);
}

/** Run documents as events, made once for all streams whose readers see the same. */
export class EventFrames {
  readonly #site: Site;
  readonly #made = new WeakMap<RunWithArtifacts, Map<string, Uint8Array>>();

  constructor(site: Site) {
    this.#site = site;
  }

  frame(entry: RunWithArtifacts, ids: EventIds, view: View): Uint8Array {
    const made = this.#made.get(entry) ?? new Map<string, Uint8Array>();
    this.#made.set(entry, made);
    const key = `${ids} ${view.language} ${view.isSuperuser} ${view.origin}`;
    const frame = made.get(key) ?? encoder.encode(`id: ${entry.run[ids]}\ndata: ${JSON.stringify(runBody({ site: this.#site, ...entry, ...view }))}\n\n`);
    made.set(key, frame);
    return frame;
  }
}
