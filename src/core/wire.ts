/** The shapes that go over HTTP. The browser script imports nothing else. */

/** One line of the checklist that the pretix face carries. */
export interface PretixStep {
  readonly label: string;
  readonly done: boolean;
}

/**
 * The answer to a POST or a check with `ajax`, as pretix's front end reads it (pretix `base/views/tasks.py`).
 * `text`, `note`, `state`, `cancel_url` and `run_url` are Errand's own; a pretix front end passes them over.
 */
export interface PretixBody {
  readonly async_id: string;
  readonly ready: boolean;
  readonly started: boolean;
  /** Only in the answer to a POST: path to poll, with `&ajax=1`. */
  readonly check_url?: string;
  /** Only when ready. */
  readonly success?: boolean;
  /** Only when ready: where to go. */
  readonly redirect?: string;
  /** Only when ready: what to tell the user; "" for nothing. */
  readonly message?: string;
  /** Only when the run is under way: 0 to 100. */
  readonly percentage?: number;
  /** Only when the run is under way. */
  readonly steps?: readonly PretixStep[];

  /** What the run is doing, in the reader's language. */
  readonly text?: string;
  /** What else is true of it at the moment, such as how long it will still take, in the reader's language; "" for nothing. */
  readonly note?: string;
  /** Machine state of the run, such as "in_progress". */
  readonly state?: string;
  /** POST here to cancel; absent once the run has ended. */
  readonly cancel_url?: string;
}

/** The answer 422 to an input that does not fit: one entry per field. */
export interface InvalidInputBody {
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly message: string;
}

/** The native run document. Field names follow django-user-tasks' REST API (its `StatusSerializer`), with what it lacks. */
export interface RunBody {
  readonly id: string;
  readonly url: string;
  readonly rev: number;
  readonly task: string;
  readonly name: string;
  /** "Pending", "In Progress", "Retrying", "Canceling", "Succeeded", "Failed", "Canceled". */
  readonly state: string;
  /** The task's own words, else the state in the reader's language. */
  readonly state_text: string;
  readonly completed_steps: number;
  readonly total_steps: number;
  readonly percentage: number;
  /** The checklist of a task that names its steps, in the reader's language; else empty. */
  readonly steps: readonly { readonly label: string; readonly state: "done" | "current" | "waiting" }[];
  /** When it will probably end, told from the last runs of its task as of `modified`, ISO 8601 in UTC; null while there is nothing to tell it from. */
  readonly expected_end: { readonly earliest: string; readonly latest: string } | null;
  /** Number of the current or last attempt, at least 1. */
  readonly attempts: number;
  /** ISO 8601 in UTC. */
  readonly created: string;
  readonly modified: string;
  readonly started: string | null;
  readonly ended: string | null;
  /** Of linked runs, how the container links its children; null for the run of a task. */
  readonly kind: "chain" | "group" | "chord" | null;
  /** The container that it is a part of. */
  readonly parent: string | null;
  readonly rerun_of: string | null;
  readonly result: unknown;
  /** What the user may see of a failure. */
  readonly error: string | null;
  /** Addresses of artifact documents. */
  readonly artifacts: readonly string[];
  /** Superusers only. */
  readonly owner?: string | null;
}

/** What is true of a run at the moment, beside its document: such as how long it will still take, in the reader's language. */
export interface NotesBody {
  readonly notes: readonly string[];
}

/** The artifact document. Field names follow django-user-tasks' REST API (its `ArtifactSerializer`), with what it lacks. */
export interface ArtifactBody {
  readonly id: string;
  /** Address of this document; `url` is what the artifact holds. */
  readonly self: string;
  readonly name: string;
  readonly kind: "file" | "url" | "text";
  /** ISO 8601 in UTC. */
  readonly created: string;
  readonly modified: string;
  /** Address of its run. */
  readonly status: string;
  /** Of a file: a download link that opens for a few minutes; else "". */
  readonly file: string;
  readonly type: string | null;
  readonly size: number | null;
  /** Of a text; else "". */
  readonly text: string;
  /** Of a URL; else "". */
  readonly url: string;
}

/** The answer to a request that is refused. */
export interface ProblemBody {
  readonly detail: string;
  /** What is wrong with which parameter. */
  readonly errors?: InvalidInputBody["errors"];
  /** Code to tell the support; the log bears the same. */
  readonly support?: string;
}
