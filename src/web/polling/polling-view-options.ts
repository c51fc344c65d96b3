import type { Run } from "../../core/run.ts";
import type { CachePolicy } from "../../runtime/polling/polling-options.ts";
import type { User } from "../access.ts";
import type { Params } from "../async-action-options.ts";

/** What `input` makes the task's input of. */
export interface ViewInput {
  readonly request: Request;
  readonly params: Params;
  readonly user: User | null;
  /** Who would own a run that is begun now. */
  readonly owner: string;
}

/** HTML as text, or JSX of Hono's. */
export type Markup = { toString(): string | Promise<string> };

export interface RenderContext {
  readonly request: Request;
  readonly params: Params;
  readonly run: Run;
  /** Language of the answer, such as "de". */
  readonly language: string;
}

export interface PollingViewOptions<Argument, Output> extends CachePolicy {
  /**
   * The task's input, and the view's door: it is asked at every request, before the cache. Throw NotFound (404) or PermissionDenied (403),
   * and nothing is begun or shown.
   */
  readonly input: (input: ViewInput) => Argument | Promise<Argument>;
  /** The page of a result: HTML as text or JSX. Without it, the result as JSON is shown. JSON answers are always the result itself. */
  readonly render?: (value: Output, context: RenderContext) => Markup | Promise<Markup>;
  /** "owner" (the default): everybody has results of their own. "shared": one result for all that `input` lets in. */
  readonly scope?: "owner" | "shared";
  /** Names of query parameters that do not matter, such as "gclid" or "utm_*". */
  readonly ignoreParams?: readonly string[];
  /** Let proxies keep a shared result too: only for what everybody may see, since they do not ask `input`. */
  readonly public?: boolean;
  /** How long an answer waits for a run to end when the request says nothing of it, ms. 500 by default. */
  readonly wait?: number;
}
