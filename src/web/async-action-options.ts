import type { RunError } from "../core/run.ts";
import type { Chunks } from "../core/storage.ts";
import type { Upload } from "../core/task.ts";
import type { Link, Task } from "../runtime/task-api.ts";
import type { User } from "./access.ts";
import type { FlashMessage } from "./flash.ts";
import type { Fields, Files } from "./form-body.ts";

/** What the router found in the path, such as `code` in /orders/:code. */
export type Params = Readonly<Record<string, string>>;

/** Answers a request. Every adapter takes one. */
export type WebHandler = (request: Request, context?: { readonly params?: Params }) => Promise<Response>;

/** What `input` makes the task's input of. */
export interface ActionInput {
  /** Its body has been read. */
  readonly request: Request;
  readonly params: Params;
  readonly user: User | null;
  /** Who will own the run: the user's id, or an anonymous visitor's. */
  readonly owner: string;
  readonly fields: Fields;
  /** Already stored; pass them on in the input, and the task opens them with `open`. */
  readonly files: Files;
  readonly runId: string;
  /** The bytes of one of `files`, for who must look into it before the run begins. @throws NotFound for any other. */
  open(upload: Upload): Promise<Chunks>;
}

/** How a run failed, as the user may know it. */
export interface ActionError {
  /** What the user would be told; the task's own words when `code` is "user". */
  readonly message: string;
  /** Class name of the error that the task threw, such as "OrderError", when it was a UserError. */
  readonly type?: string;
  readonly code: RunError["code"] | "canceled";
}

export interface RedirectContext {
  readonly params: Params;
  readonly runId: string;
  readonly request: Request;
}

export interface AsyncActionOptions<Argument, Output> {
  /** What is begun: a task, or linked runs that a function makes of the input. Linked runs take neither files nor a `key`. */
  readonly task: Task<Argument, Output> | ((input: Argument) => Link<Output> | Promise<Link<Output>>);
  /**
   * The task's input. By default an object of the form's fields and files by name.
   * Throw PermissionDenied (403) or NotFound (404), or another UserError (422 with its message): then nothing is started.
   */
  readonly input?: (input: ActionInput) => Argument | Promise<Argument>;
  /** While a run of this action with the same key and owner is under way, a second POST begins none, but shows that one: a double click, a second tab. */
  readonly key?: (input: ActionInput) => string | undefined | Promise<string | undefined>;
  /** Where the user goes once the run has succeeded: a path of this site, or a URL on one of `redirectHosts`. */
  readonly successUrl: string | ((value: Output, context: RedirectContext) => string | Promise<string>);
  /** Where the user goes once the run has failed or was canceled. */
  readonly errorUrl: string | ((context: RedirectContext & { readonly error: ActionError }) => string | Promise<string>);
  /** What the user is told; "" for nothing, undefined for "The task has been completed." */
  readonly successMessage?: (value: Output) => string | undefined | Promise<string | undefined>;
  /** What the user is told; "" for nothing, undefined for the error's message. Not asked about a canceled run. */
  readonly errorMessage?: (error: ActionError) => string | undefined | Promise<string | undefined>;
  /** Keeps a message for the next page; by default in a cookie that `flashes` reads. Headers that it returns go with the answer. It may be called again for one run. */
  readonly flash?: (message: FlashMessage, request: Request) => Headers | undefined | void | Promise<Headers | undefined | void>;
  /** How long the answer to a POST waits for the run to end, ms. 500 by default. */
  readonly wait?: number;
}
