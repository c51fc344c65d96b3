import type { OnFailure } from "../core/link.ts";
import type { Run } from "../core/run.ts";
import type { Transaction } from "../core/transaction.ts";

export interface DelayOptions {
  /** Who may see the run: a user id, or what `web.owner(request)` returned for a visitor. */
  readonly owner?: string | null;
  /** Replaces the generated name. */
  readonly name?: string;
  readonly queue?: string;
  /** Higher goes first; 0 by default. */
  readonly priority?: number;
  /** Not before this time. */
  readonly runAt?: Date;
  /** While a run of this task and owner with this key is under way, no other is begun: the handle is that run's. */
  readonly key?: string;
  /**
   * The app's own transaction on the store's database: the run stands or falls with it, and begins after its commit. `delay` does not wait for
   * the end then. See docs/transactions.md.
   */
  readonly transaction?: Transaction;
  /** A UUIDv7 made by `errand.newRunId()`, when something must be stored under the run's id before it exists. */
  readonly id?: string;
}

/** What begins linked runs: the errand of their tasks. */
export interface Starting {
  readonly inline: boolean;
  startLink<Output>(link: Link<Output>, options?: LinkDelayOptions): Promise<RunHandle<Output>>;
}

export interface Task<Argument, Output> {
  readonly name: string;
  readonly errand: Starting;
  /**
   * One run of this task, to be linked with others by `chain`, `group` and `chord`. The input, or a function that makes it of the result before
   * it; the function is called once, when the runs are begun, with a stand-in that it may pass on in parts, but not compute with.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a tuple of all results before would tie the types of a whole tree together.
  with<Previous = unknown>(input: Argument | ((previous: Previous, results: readonly any[]) => unknown), options?: StepOptions): Step<Output, Previous>;
  /**
   * Starts a run. With the broker "none" it resolves when the run has ended, else as soon as the run is durably stored.
   * @throws InvalidInputError, InvalidJsonError, StoreError; nothing was stored then.
   */
  delay(input: Argument, options?: DelayOptions): Promise<RunHandle<Output>>;
  /** Starts a run and resolves as soon as it is stored, with any broker. */
  start(input: Argument, options?: DelayOptions): Promise<RunHandle<Output>>;
}

/** A run that this process knows of. */
export interface RunHandle<Output = unknown> {
  readonly id: string;
  /** The newest snapshot that this process has seen. */
  readonly run: Run;
  /** The result once the run has succeeded. @throws RunFailedError or TaskCanceledError with what the user may see; RunFailedError also when the run is deleted. */
  result(): Promise<Output>;
  /** The snapshot once the run has ended. @throws the signal's reason when it fires first; RunFailedError when the run is deleted. */
  ended(options?: { signal?: AbortSignal }): Promise<Run>;
  cancel(): Promise<Run>;
}

/** How a child is shown and counted. */
export interface StepOptions {
  /** Replaces the generated name. */
  readonly name?: string;
  /** How much its steps count in its container, a whole number; 1 by default. */
  readonly weight?: number;
}

/** One run of a task, to be linked with others. `Previous` is the result that its input was made of. */
export interface Step<Output = unknown, Previous = unknown> {
  readonly task: Task<never, Output>;
  /** The input, or a template with places for earlier results. */
  readonly input: unknown;
  readonly isTemplate: boolean;
  readonly options: StepOptions;
  /** Only for types: what comes before it must give. */
  readonly needs?: (previous: Previous) => void;
}

export type LinkDelayOptions = Pick<DelayOptions, "owner" | "name" | "priority" | "transaction">;

export interface LinkOptions extends StepOptions {
  /** "stop" (the default): a failed child fails the container, and the others are stopped. "continue": the others go on. */
  readonly onFailure?: OnFailure;
}

/** Linked runs that can be begun as one, or be a part of others. */
export interface Link<Output = unknown, Previous = unknown> {
  readonly kind: "chain" | "group" | "chord";
  readonly parts: readonly Part[];
  readonly options: LinkOptions;
  readonly needs?: (previous: Previous) => void;
  /** Begins them as one run: the handle is the container's. With the broker "none" it resolves when all have ended. */
  delay(options?: LinkDelayOptions): Promise<RunHandle<Output>>;
  /** Begins them and resolves as soon as they are stored, with any broker. */
  start(options?: LinkDelayOptions): Promise<RunHandle<Output>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a part of any output that needs anything.
export type Part<Output = any> = Step<Output, any> | Link<Output, any>;
