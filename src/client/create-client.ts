import { RunGoneError } from "../core/errors.ts";
import type { ArtifactBody, RunBody } from "../core/wire.ts";
import { type RequestOptions, Requests } from "./requests.ts";
import type { ArtifactDocument, RunDocument } from "./run-document.ts";
import { type SharedStream, sharedStream } from "./shared-stream.ts";
import { type Connection, RunWatch } from "./watch-run.ts";

export interface ClientOptions extends RequestOptions {
  /** False: each watch has a connection of its own, also where all pages of a browser could have one in common. */
  readonly shared?: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface WatchOptions<Of = unknown> extends CallOptions {
  /** What the page came with: it is not told again. */
  readonly known?: RunDocument<Of> | undefined;
  /** Hears how changes are heard of. */
  readonly onConnection?: (connection: Connection) => void;
}

export interface ListOptions extends CallOptions {
  /** In one of these states, such as "In Progress". */
  readonly state?: RunDocument["state"] | readonly RunDocument["state"][];
  readonly task?: string;
  /** With this in their name. */
  readonly name?: string;
  /** The id of a container: its parts. */
  readonly parent?: string;
  /** 1 to 100, 20 by default. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/**
 * Errand's REST API for one app. A run is given by its address or its id; `Of` is the type of its task, such as `typeof exportCourse`.
 * All reject with RunGoneError (404, 410), AccessDeniedError (401, 403), RequestError (any other refusal), TypeError when there is no answer,
 * and the signal's reason.
 */
export interface Client {
  /** The run as it is. */
  get<Of = unknown>(run: string | URL, options?: CallOptions): Promise<RunDocument<Of>>;
  /**
   * The run from now to its end: first as it is, then each newer revision, the ended one last. It goes on over cuts, restarts and lost
   * networks, and rejects only when the server refuses. `break`, `return()` and the signal close its connection.
   */
  watch<Of = unknown>(run: string | URL, options?: WatchOptions<Of>): AsyncGenerator<RunDocument<Of>, void, undefined>;
  /** Whose runs these are, decides the server: a page of the asker's, newest first. */
  list<Of = unknown>(options?: ListOptions): Promise<{ readonly runs: readonly RunDocument<Of>[]; readonly next: string | null }>;
  /** Asks the run to stop: "Canceled" at once, or "Canceling" while its task has yet to stop. */
  cancel<Of = unknown>(run: string | URL, options?: CallOptions): Promise<RunDocument<Of>>;
  /** A new run of the same task and input, once this one has ended (409 before); with `only`, of what failed in it. */
  rerun<Of = unknown>(run: string | URL, options?: CallOptions & { readonly only?: "failed" }): Promise<RunDocument<Of>>;
  /** Deletes the run with all that it left; one under way is canceled first. */
  remove(run: string | URL, options?: CallOptions): Promise<void>;
  /** What the run has left until now, oldest first. */
  artifacts(run: string | URL, options?: CallOptions): Promise<readonly ArtifactDocument[]>;
}

/** Artifacts that are asked for at once. */
const AT_ONCE = 6;

/** A client of the Errand that is mounted at `base`. It opens nothing until it is used. */
export function createClient({ shared: mayShare = true, ...options }: ClientOptions = {}): Client {
  const requests = new Requests(options);
  let shared: Promise<SharedStream | undefined> | undefined;
  const none = Promise.resolve(undefined);
  const post = (run: string | URL, verb: string, body: object, { signal }: CallOptions) =>
    requests.json<never>(new URL(verb, requests.runUrl(run)), { method: "POST", body: JSON.stringify(body), signal });

  return {
    get: async (run, options) => requests.json(requests.runUrl(run), options),
    watch: (run, options = {}) => watch(requests, () => (mayShare ? (shared ??= sharedStream(requests)) : none), run, options),
    list: async ({ signal, ...wishes } = {}) => {
      const url = new URL("tasks/", requests.base);
      for (const [name, wish] of Object.entries(wishes))
        for (const value of [wish].flat()) if (value !== undefined) url.searchParams.append(name, String(value));
      const response = await requests.answer(url, { signal });
      return { runs: (await response.json()) as never[], next: nextCursor(response) };
    },
    cancel: async (run, options = {}) => post(run, "cancel/", {}, options),
    rerun: async (run, { only, ...options } = {}) => post(run, "rerun/", only ? { only } : {}, options),
    remove: async (run, options) => void (await requests.answer(requests.runUrl(run), { ...options, method: "DELETE" })),
    artifacts: async (run, { signal } = {}) => {
      const { artifacts } = await requests.json<RunBody>(requests.runUrl(run), { signal });
      const found: (ArtifactDocument | undefined)[] = [];
      for (let start = 0; start < artifacts.length; start += AT_ONCE)
        found.push(...(await Promise.all(artifacts.slice(start, start + AT_ONCE).map((address) => artifact(requests, address, signal)))));
      return found.filter((one) => one !== undefined);
    },
  };
}

/** Undefined when it is gone meanwhile. */
async function artifact(requests: Requests, address: string, signal: AbortSignal | undefined): Promise<ArtifactDocument | undefined> {
  try {
    const body = await requests.json<ArtifactBody>(new URL(address), { signal });
    return { ...body, download: body.kind === "url" ? null : new URL("download", body.self).href };
  } catch (error) {
    if (error instanceof RunGoneError) return undefined;
    throw error;
  }
}

/** A generator whose `return()` does not wait for what is under way. */
function watch<Of>(
  requests: Requests,
  shared: () => Promise<SharedStream | undefined>,
  run: string | URL,
  { signal, known, onConnection = () => {} }: WatchOptions<Of>,
): AsyncGenerator<RunDocument<Of>, void, undefined> {
  const stop = new AbortController();
  const documents = (async function* () {
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    try {
      signal?.throwIfAborted();
      yield* new RunWatch({ requests, url: requests.runUrl(run), known, signal: stop.signal, onConnection, shared: shared() }).documents();
      signal?.throwIfAborted();
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  })() as AsyncGenerator<RunDocument<Of>, void, undefined>;
  const end = documents.return.bind(documents);
  return Object.assign(documents, {
    return: (value: void | PromiseLike<void>) => {
      stop.abort();
      return end(value);
    },
  });
}

/** What leads to the next page of a list, by its `Link` header. */
function nextCursor(response: Response): string | null {
  const [, address] = /<([^>]*)>;\s*rel="?next"?/.exec(response.headers.get("link") ?? "") ?? [];
  return address === undefined ? null : new URL(address, response.url).searchParams.get("cursor");
}
