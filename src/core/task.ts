import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Artifact } from "./artifact.ts";
import type { Duration } from "./duration.ts";
import { milliseconds } from "./duration.ts";
import type { Each } from "./each.ts";
import { ConfigurationError } from "./errors.ts";
import type { Json } from "./json.ts";
import type { Message } from "./messages.ts";
import { type NotifyOption, type NotifyRule, notifyRule } from "./notify.ts";
import { type Retries, type RetryPolicy, retryPolicy } from "./retry.ts";
import { type NamedStep, namedSteps, type StepOption } from "./steps.ts";
import type { Chunks } from "./storage.ts";

/** The live status of the attempt under way. Every call throws TaskCanceledError at once when the run was canceled. */
export interface Status {
  /** What the task is doing now, for the user. It never replaces the state. */
  setState(text: Message): Promise<void>;
  setName(name: string): Promise<void>;
  /** Counts `steps` more as done, never past the total. */
  incrementCompletedSteps(steps?: number): Promise<void>;
  incrementTotalSteps(steps: number): Promise<void>;
  /**
   * The next of the task's named steps begins, given by its label (of a catalogue: its key) or number, from 1; all before it are done.
   * `steps` is how many of `incrementCompletedSteps` it takes. A task that never calls this goes on to the next when a step's count is full.
   * @throws RangeError when there is no such step, or it is past
   */
  startStep(step: number | string, options?: { steps?: number }): Promise<void>;
  /** Ends the run as failed, without another attempt, with a text for its user: the same as throwing a UserError. */
  fail(text: Message): never;
  /** Fires when the run was canceled, its time is up or its lease was lost. */
  readonly signal: AbortSignal;
}

/** A file's content: a text, bytes, a stream of either (Node's Readable, a web ReadableStream, a generator), or the path of a file on this machine. */
export type FileContent = string | Uint8Array | AsyncIterable<string | Uint8Array> | { readonly path: string | URL };

/** What an attempt can leave for its user. Every call is guarded: an attempt that lost its lease leaves nothing. */
export interface Artifacts {
  text(text: string, name?: string): Promise<Artifact>;
  /** @throws InvalidArtifactError unless the URL is http or https. */
  url(url: string, name?: string): Promise<Artifact>;
  /**
   * Stores a whole file; a stream is never held in memory as a whole. `type` is guessed from the name's ending when it is not given.
   * @throws Error naming the path that cannot be read; what the stream throws
   */
  file(name: string, content: FileContent, options?: { type?: string }): Promise<Artifact>;
  /**
   * Adds to the attempt's file of that name, creating it first. Calls may overlap: each adds its piece whole, in the order of the calls.
   * When one fails, so do all later ones: what the file ends in is not known then.
   */
  append(name: string, content: string | Uint8Array, options?: { type?: string }): Promise<Artifact>;
}

/** A file that came with a form, as it stands in a run's input. It opens only for the run that it was uploaded for, or its reruns. */
export type Upload = {
  readonly upload: string;
  /** The name that the browser gave: untrusted text. */
  readonly name: string;
  /** The media type that the browser gave: untrusted. */
  readonly type: string;
  /** Length, bytes. */
  readonly size: number;
};

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface TaskContext {
  readonly runId: string;
  readonly owner: string | null;
  /** 1-based. */
  readonly attempt: number;
  readonly status: Status;
  readonly artifacts: Artifacts;
  /** The same as `status.signal`. */
  readonly signal: AbortSignal;
  /** Its lines bear `runId`, `task`, `attempt` and `worker`. */
  readonly log: Log;
  /** Goes through many items, one after the other, with progress, failures and resumption. */
  readonly each: Each;
  /** The bytes of an uploaded file. @throws NotFound when it is gone or was uploaded for another run. */
  open(upload: Upload): Promise<Chunks>;
}

/** JSON as a task may return it; types that JSON cannot carry become an error where the task is defined. */
export type Jsonable<T> = T extends Json | undefined | void
  ? T
  : T extends bigint | symbol | Date | RegExp | Map<unknown, unknown> | Set<unknown> | ((...args: never[]) => unknown) | Promise<unknown>
    ? "This type is no JSON: pass its id instead"
    : T extends readonly unknown[]
      ? { [K in keyof T]: Jsonable<T[K]> }
      : T extends object
        ? { [K in keyof T]: Jsonable<T[K]> }
        : unknown extends T
          ? T
          : never;

export interface TaskOptions<Schema extends StandardSchemaV1 | undefined, Output> {
  /** Unique in its errand: deliveries and rows find the task by it. */
  readonly name: string;
  /** Checks and types the input. Without one, any JSON is taken. The stored input is what the caller passed; the schema reads it again at each attempt. */
  readonly input?: Schema;
  /** What the user calls this run; the task's name when it is not given. */
  readonly generateName?: (input: InputOf<Schema>) => string | Promise<string>;
  /** Steps that the progress counts; 1 when it is not given. */
  readonly calculateTotalSteps?: (input: InputOf<Schema>) => number | Promise<number>;
  /** What its runs go through, shown as a checklist; the weights make the percentage. In place of `calculateTotalSteps`. */
  readonly steps?: readonly StepOption[];
  /** Attempts after a failed one. 0 by default: a task that is not safe to repeat is not repeated. */
  readonly retries?: Retries;
  /** Longest time of one attempt. 1 h by default. */
  readonly timeout?: Duration;
  readonly queue?: string;
  /** Whether the owner of a run is told when it has ended: `createErrand` says how. What that says by default. */
  readonly notify?: NotifyOption;
  readonly run: (input: InputOf<Schema>, context: TaskContext) => Promise<Output> | Output;
}

/** Lays over the options of a task that its result is JSON: where it is not, `run` is asked to return what would be. */
export type ReturnsJson<Output> = [Output] extends [Jsonable<Output>]
  ? unknown
  : { readonly run: (...args: never[]) => Promise<Jsonable<Output>> | Jsonable<Output> };

/** What `run` is given: the schema's output. */
export type InputOf<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : Json;

/** What the caller passes: the schema's input. */
export type ArgumentOf<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferInput<Schema> : Json | undefined;

/** A task as the runtime uses it: options checked, defaults filled in. */
export interface TaskDefinition {
  readonly name: string;
  readonly schema: StandardSchemaV1 | undefined;
  readonly generateName: ((input: never) => string | Promise<string>) | undefined;
  readonly calculateTotalSteps: ((input: never) => number | Promise<number>) | undefined;
  readonly steps: readonly NamedStep[] | null;
  readonly retry: RetryPolicy;
  /** ms */
  readonly timeout: number;
  readonly queue: string;
  readonly notify: NotifyRule | undefined;
  readonly run: (input: never, context: TaskContext) => unknown;
}

/** Checks the options of a task. @throws ConfigurationError or RangeError naming the option and its value. */
export function defineTask<Schema extends StandardSchemaV1 | undefined, Output>(options: TaskOptions<Schema, Output>): TaskDefinition {
  if (typeof options.name !== "string" || options.name.trim() === "" || options.name.length > 255) {
    throw new ConfigurationError(`A task needs a name of 1 to 255 characters, but has ${JSON.stringify(options.name)}.`);
  }
  if (typeof options.run !== "function") throw new ConfigurationError(`Task ${options.name} has no run function.`);
  if (options.queue !== undefined && options.queue === "") throw new ConfigurationError(`Task ${options.name} has an empty queue name.`);
  const steps = namedSteps(options.name, options.steps);
  if (steps && options.calculateTotalSteps)
    throw new ConfigurationError(
      `Task ${options.name} has both steps and calculateTotalSteps. Keep the steps, and tell how many each takes when it begins: status.startStep(label, { steps }).`,
    );
  return {
    name: options.name,
    schema: options.input,
    generateName: options.generateName,
    calculateTotalSteps: options.calculateTotalSteps,
    steps,
    retry: retryPolicy(options.retries),
    timeout: Math.max(1, milliseconds(`timeout of task ${options.name}`, options.timeout ?? "1h")),
    queue: options.queue ?? "default",
    notify: options.notify === undefined ? undefined : notifyRule(`notify of task ${options.name}`, options.notify),
    run: options.run,
  };
}
