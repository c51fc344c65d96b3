import type { ArtifactBody, RunBody } from "../core/wire.ts";

/** What a run of this task returns, as it comes to a client: `ResultOf<typeof exportCourse>`. Of what is no task, unknown. */
export type ResultOf<Of> = Of extends { delay(...given: never[]): Promise<{ result(): Promise<infer Output> }> } ? AsJson<Output> : unknown;

/** A run that returns nothing has the result null. */
type AsJson<Output> = undefined extends Output ? Exclude<Output, undefined | void> | null : Output;

/** How far a run is. Only one that has succeeded has a result. */
type Outcome<Result> =
  | { readonly state: "Pending" | "In Progress" | "Retrying" | "Canceling"; readonly ended: null; readonly result: null }
  | { readonly state: "Succeeded"; readonly ended: string; readonly result: Result }
  | { readonly state: "Failed" | "Canceled"; readonly ended: string; readonly result: null };

/** A run as it is at one revision. `Of` is the type of its task, such as `typeof exportCourse`. */
export type RunDocument<Of = unknown> = Omit<RunBody, "state" | "ended" | "result"> & Outcome<ResultOf<Of>>;

/** What a run left. `file` is a link that opens for a few minutes for whoever has it. */
export interface ArtifactDocument extends ArtifactBody {
  /** Of a file or a text: where whoever may see it downloads it, at any time; else null. */
  readonly download: string | null;
}

/** Whether this is a run document: a proxy, or a page to sign in, may have answered in the server's place. */
export function isRunDocument(body: unknown): body is RunBody {
  const { id, rev } = (body ?? {}) as Partial<RunBody>;
  return typeof id === "string" && Number.isSafeInteger(rev);
}
