import type { Message } from "./messages.ts";

/** What a run leaves for the user: a file, a URL or a text. Names need not be unique. */
export interface Artifact {
  /** UUIDv7. */
  readonly id: string;
  readonly runId: string;
  /** Owner of its run. */
  readonly owner: string | null;
  /** The attempt that made it, 1-based. */
  readonly attempt: number;
  /** "Output" by default, "Error" for failures. Untrusted text. */
  readonly name: string;
  readonly kind: "file" | "url" | "text";
  /** Untrusted text, or one of Errand's own to be rendered in the reader's language. */
  readonly text: Message | null;
  /** http or https only. */
  readonly url: string | null;
  /** Where the storage keeps the file. Never shown to users. */
  readonly key: string | null;
  /** Media type of the file. */
  readonly type: string | null;
  /** Length of the file, bytes. */
  readonly size: number | null;
  /** ms since 1970 by the store's clock. */
  readonly created: number;
  readonly modified: number;
}

export type NewArtifact = Omit<Artifact, "owner" | "created" | "modified">;
